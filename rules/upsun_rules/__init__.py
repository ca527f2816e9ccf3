"""What is wrong or unwise in an Upsun configuration."""
