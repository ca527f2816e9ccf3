"""The schema of a configuration, and a tree checked against it."""
