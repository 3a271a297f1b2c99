"""The fingerprints that ship are what each revision is, on every server."""

from __future__ import annotations

import pytest

from kingston_schema.catalog import expected, fingerprint
from portals import revisions


def test_every_revision_ships_with_its_fingerprint():
    assert expected.revisions() == revisions()


@pytest.mark.parametrize("revision", revisions())
def test_a_database_at_a_revision_has_its_fingerprint(portal_at, revision):
    portal = portal_at(revision)
    found = fingerprint.read(portal.connection, "public").portable()
    should = expected.expected(revision, portal.connection.info.server_version)
    assert fingerprint.differences(should, found) == [], "if that is meant: make fingerprints"
