"""``kingston doctor``: what a crash or a person left behind, found, explained and put right; one module per kind."""
