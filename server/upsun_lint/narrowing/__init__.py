"""Which findings count: those that a baseline or a revision does not have."""
