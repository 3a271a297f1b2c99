"""``kingston archive``: what rollbacks keep, what could not go back and why, how it goes back, how it ends."""
