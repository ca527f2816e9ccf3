"""What is told of each kind of thing in a configuration when someone points at it, one noun a module."""
