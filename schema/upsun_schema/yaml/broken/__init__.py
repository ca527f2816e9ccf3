"""What a text that is not valid YAML was meant to be, and what is wrong with it."""
