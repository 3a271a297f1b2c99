"""Times as people type them."""

from __future__ import annotations

from datetime import datetime

from ..errors import UsageError


def moment_given(option: str, text: str) -> datetime | None:
    """``2026-11-19 12:00`` (in the time zone of this machine) or with a zone; None for an empty text.

    Raises UsageError for anything else, naming ``option``.
    """
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise UsageError(f'{option} "{text}" is no time', fix=f"{option} '2026-11-19 12:00'") from error
