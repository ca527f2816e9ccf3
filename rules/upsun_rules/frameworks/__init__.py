"""What is known about frameworks: which packages provide which commands, and what a project depends on."""
