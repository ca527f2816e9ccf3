"""Fixes and suppression comments, applied to files."""
