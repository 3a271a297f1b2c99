"""``kingston history``: what was done to a portal, and whether its record is whole."""
