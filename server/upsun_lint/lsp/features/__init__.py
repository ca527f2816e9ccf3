"""The answers of the language server, one module for each kind of request."""
