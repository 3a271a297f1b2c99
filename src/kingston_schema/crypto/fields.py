"""Which fields are sensitive, and the logical names their ciphertexts are bound to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One sensitive field.

    ``table`` and ``name`` are logical: they stay when a table or column is renamed.  ``column`` holds the ciphertext,
    ``index`` the blind index, ``mask`` what is left readable; ``key`` is the primary key.
    """

    table: str
    name: str
    column: str
    key: str = "id"
    index: str | None = None
    mask: str | None = None

    @property
    def label(self) -> str:
        """``product_owners.notes``."""
        return f"{self.table}.{self.name}"


SECURITY_WORDS = Field("product_owners", "security_words", "security_words")
NOTES = Field("product_owners", "notes", "notes")
SECURITY_WORD = Field("client_group_secrets", "security_word", "security_word", "client_group_id")
PRIVATE_NOTES = Field("client_group_secrets", "private_notes", "private_notes", "client_group_id")
SENSITIVE_DATA = Field("client_group_secrets", "sensitive_data", "sensitive_data", "client_group_id")
PHONE = Field(
    "product_owner_phones", "phone_number", "phone_number_encrypted", index="phone_number_index", mask="phone_number"
)  # fmt: skip
FIELDS = (SECURITY_WORDS, NOTES, SECURITY_WORD, PRIVATE_NOTES, SENSITIVE_DATA, PHONE)
