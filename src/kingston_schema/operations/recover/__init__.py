"""``kingston recover``: one client group's rows as they were, from the row history, without touching any other's."""
