"""Hover texts, one module for each kind of thing in a configuration."""
