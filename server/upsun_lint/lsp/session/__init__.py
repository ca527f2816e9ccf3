"""What the language server knows about its client, the open files and the projects."""
