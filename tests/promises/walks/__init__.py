"""Random walks over the revisions: a model of what must be there, and the machine that writes and moves."""
