"""What can be written at a place: keys, values, names and snippets."""
