"""The front ends: command line, language server, and CI."""

__version__ = "0.1.0"
