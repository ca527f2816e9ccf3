"""What the language server answers, one module per kind of request."""
