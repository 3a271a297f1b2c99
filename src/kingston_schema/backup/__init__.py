"""Backups: PostgreSQL's own tools, what a backup holds, its manifest, and databases to restore it into."""
