"""The Phase 1 application as seen from its database: its statements, its role, and what it may rely on."""
