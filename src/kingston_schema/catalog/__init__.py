"""Reading what a database is: the catalogue as plain values, its fingerprint, differences in words."""

from __future__ import annotations
