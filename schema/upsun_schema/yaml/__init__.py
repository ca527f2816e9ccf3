"""A YAML text as a tree whose every node knows its place."""
