"""Keys of sensitive fields: made, promoted, rotated, retired.  Key material never leaves the key ring."""
