"""The event log: who changed the portal, from where, with which texts, and how it ended.

Append-only and hash-chained in the control schema (``sql/control/event_log.sql``), which a command makes where it is
missing.  Written on an autocommit connection that is not the one that does the work: what fails keeps its record.
"""

from .commands import Command, around, opened, recorded, unrecorded
from .log import EventLog, given_name
from .objects import WRITER, install, missing, texts

__all__ = [
    "WRITER",
    "Command",
    "EventLog",
    "around",
    "given_name",
    "install",
    "missing",
    "opened",
    "recorded",
    "texts",
    "unrecorded",
]
