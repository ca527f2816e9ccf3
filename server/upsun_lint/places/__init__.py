"""Where things are, as people and the readers of reports count it."""
