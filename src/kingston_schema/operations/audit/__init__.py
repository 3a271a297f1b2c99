"""``kingston audit``: the row history read, sealed, and proven to be whole."""
