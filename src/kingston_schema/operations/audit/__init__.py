"""What was recorded, read for people: decrypts of secrets."""
