"""Who is told: the command line, the language server, and CI."""

__version__ = "0.1.0"
