"""What leaves the process: text for terminals, logs and files."""
