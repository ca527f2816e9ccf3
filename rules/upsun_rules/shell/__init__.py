"""Shell commands: parsed, walked and recognized."""
