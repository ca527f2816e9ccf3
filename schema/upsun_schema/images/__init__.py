"""The images that the platform offers."""
