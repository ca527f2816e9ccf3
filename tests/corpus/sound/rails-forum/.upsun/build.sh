#!/bin/sh
set -eu
bundle config set --local deployment true
bundle install --jobs=2
bundle exec rails assets:precompile
