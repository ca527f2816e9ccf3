"""Paths, lines and columns, as people and the readers of reports count them."""
