"""What can be written at a place: keys, values, names and whole snippets, one noun a module."""
