"""kingston fingerprint"""

from __future__ import annotations


def test_one_hash_per_object_and_one_in_all(kingston, portal_at):
    portal = portal_at("legacy")
    data = kingston("fingerprint", "--json", portal=portal).json["data"]
    assert len(data["total"]) >= 16
    assert sum("product_owners" in name for name in data["hashes"]) >= 1
    assert kingston("fingerprint", "--json", portal=portal).json["data"]["hashes"] == data["hashes"]


def test_any_change_shows(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    before = kingston("fingerprint", "--json", portal=portal).json["data"]
    portal.run("COMMENT ON TABLE client_groups IS 'somebody was here'")
    after = kingston("fingerprint", "--json", portal=portal).json["data"]
    assert after["total"] != before["total"]
    changed = [name for name in after["hashes"] if after["hashes"][name] != before["hashes"].get(name)]
    assert len(changed) == 1
    assert "client_groups" in changed[0]


def test_a_portal_is_the_revision_it_says(kingston, portal_at):
    same = kingston("fingerprint", "--diff", "legacy", portal=portal_at("legacy"))
    assert same.code == 0, same.out
    assert "no difference" in same.out


def test_differences_are_findings(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("ALTER TABLE client_groups ADD COLUMN extra text")
    found = kingston("fingerprint", "--diff", "legacy", "--json", portal=portal)
    assert found.code == 1
    assert any("extra" in finding["message"] for finding in found.json["findings"])


def test_unknown_revision(kingston, newest_portal_at):
    unknown = kingston("fingerprint", "--diff", "phase_33", "--json", portal=newest_portal_at("legacy"))
    assert unknown.code == 2
    assert unknown.finding["code"] == "usage"


def test_unreachable(kingston, tmp_path):
    assert kingston("fingerprint", portal=f"postgresql://u@/d?host={tmp_path}").code == 4
