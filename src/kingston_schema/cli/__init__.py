"""The command line: arguments, rendering, exit codes.  What a command does stands in ``operations``."""
