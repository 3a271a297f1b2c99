"""``kingston verify``: proofs.  ``rollback`` rehearses on a scratch database: write, go down, write, go up, account."""

from __future__ import annotations
