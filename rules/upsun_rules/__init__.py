"""Rules that find mistakes and bad practice in an Upsun configuration."""
