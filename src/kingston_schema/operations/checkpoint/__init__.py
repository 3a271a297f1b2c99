"""Checkpoints: backups of one portal that say what they hold, and whose restore can be proven."""

from .creating import create
from .dropping import drop
from .items import Item, Report, existing, home, listing
from .restoring import restore
from .verifying import verify

__all__ = ["Item", "Report", "create", "drop", "existing", "home", "listing", "restore", "verify"]
