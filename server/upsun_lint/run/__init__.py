"""One run of the linter, before anything is reported."""
