"""Sensitive values that are not encrypted: found, encrypted online, and the whole proven."""
