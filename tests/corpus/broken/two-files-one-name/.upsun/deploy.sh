#!/bin/sh
./migrate
