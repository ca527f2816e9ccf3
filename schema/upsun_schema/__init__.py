"""What an Upsun configuration is: its text, its tree, its schema, its inheritance."""
