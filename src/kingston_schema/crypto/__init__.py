"""Sensitive fields: keys outside the database, ciphertext inside it, a ledger of every look.

``vault = open_vault(url)``, ``vault.attach(sessionmaker)``, and inside ``with access(actor=…, purpose=…)`` the
properties of the models (``owner.security_words``, ``phone.number``) are plain values.
"""

from __future__ import annotations

from .access import access
from .vault import Vault, open_vault

__all__ = ["Vault", "access", "open_vault"]
