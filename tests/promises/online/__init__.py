"""Clients of the portal that go on without pause while revisions run, and what they measured (promise P4)."""
