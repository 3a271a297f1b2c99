"""People, numbers and envelopes for tests of product owners, audit and encryption."""

from __future__ import annotations

from typing import Any

# A whole envelope of an empty text: 12 bytes of nonce and 16 of tag, in base64.  Nothing here decrypts it.
ENVELOPE = "enc:1:3:" + "A" * 38 + "=="
OTHER_ENVELOPE = "enc:1:4:" + "B" * 40


def owner(portal: Any, firstname: str = "Ann", **values: Any) -> int:
    """A product owner; returns the id."""
    given = {"firstname": firstname, **values}
    columns, marks = ", ".join(given), ", ".join(["%s"] * len(given))
    return portal.one(
        f"INSERT INTO product_owners ({columns}) VALUES ({marks}) RETURNING id", *given.values()
    )


def phone(portal: Any, owner_id: int, number: str = "07700 900456", **values: Any) -> int:
    """A telephone number; returns the id."""
    given = {"product_owner_id": owner_id, "phone_type": "mobile", "phone_number": number, **values}
    columns, marks = ", ".join(given), ", ".join(["%s"] * len(given))
    return portal.one(
        f"INSERT INTO product_owner_phones ({columns}) VALUES ({marks}) RETURNING id", *given.values()
    )


def say(portal: Any, **settings: str) -> None:
    """Set app.* settings for the session, as an application does."""
    for name, value in settings.items():
        portal.one("SELECT set_config(%s, %s, false)", f"app.{name}", value)


def switch_encryption(portal: Any, value: str) -> None:
    """Set encryption_enabled."""
    portal.run("UPDATE migration_control SET value = %s WHERE setting = 'encryption_enabled'", value)
