"""check, verify and drift in the formats for other programs"""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET


def test_check_verify_and_drift_write_every_format(kingston, newest_portal_at):
    portal = newest_portal_at("legacy", seed=True)
    # A Phase 1 object that a portal changed is its own: told, no fault of the migration.
    portal.run("ALTER TABLE client_groups ALTER COLUMN type SET DEFAULT 'family'")
    accepted = kingston("verify", "--all", portal=portal)
    assert accepted.code == 0
    assert "1 difference of the portal's own" in accepted.out
    portal.run("DROP VIEW products_list_view")
    for command, named in (("check", "objects"), ("drift", "view products_list_view"), ("verify", "objects")):
        suite = ET.fromstring(kingston(command, "--format", "junit", portal=portal).out.encode())[0]
        assert suite.attrib["name"] == f"kingston {command}"
        names = [case.attrib["name"] for case in suite]
        assert named in names
        told = kingston(command, "--format", "github", portal=portal)
        assert all(line.startswith("::") for line in told.out.splitlines())
        document = json.loads(kingston(command, "--format", "json", portal=portal).out)
        assert (document["command"], document["exit_code"]) == (command, 1)
        assert told.code == 1


def test_an_error_comes_in_the_format_too(kingston, newest_portal_at):
    failed = kingston("verify", "--format", "junit", portal=newest_portal_at("base"))
    assert failed.code == 2
    assert ET.fromstring(failed.out.encode())[0].attrib["failures"] == "1"
    refused = kingston("drift", "--format", "github", portal=newest_portal_at("base"))
    assert refused.out.startswith("::error title=kingston drift%3A usage::the schema is empty")
