"""What several rules need to know about a project."""
