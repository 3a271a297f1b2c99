"""The logic of each command: ``run(...)`` returns a frozen ``Report``; nothing here prints or exits."""
