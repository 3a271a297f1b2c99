"""kingston report"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from kingston_schema.errors import GateFailed
from kingston_schema.operations import baseline, checkpoint, report

VOID = {"meta", "rect", "line", "br"}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_BASELINES", str(tmp_path / "baselines"))
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))


class Page(HTMLParser):
    """The page's text and tags; fails where a tag is closed that was not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_a_whole_story_is_told(kingston, newest_portal_at, folders, tmp_path):
    portal = newest_portal_at("legacy", seed=True)
    baseline.record(portal.url, name="first", runs=3)
    checkpoint.create(portal.url, name="safe")
    checkpoint.verify(portal.url, "safe")
    portal.alembic("upgrade", "phase_2")
    portal.run(
        "INSERT INTO client_actions (client_group_id, action_name, owner, created_by)"
        " SELECT min(id), 'Call', 'client', (SELECT min(id) FROM profiles) FROM client_groups"
    )
    portal.alembic("downgrade", "phase_1")
    portal.run("DELETE FROM client_groups WHERE id = (SELECT min(id) FROM client_groups)")
    portal.run("INSERT INTO kingston.gate_result (phase, check_name, severity, outcome, found, reason) VALUES"
               " ('phase_1', 'planted', 'critical', 'allowed', 'x', '<script>alert(1)</script>')")  # fmt: skip
    portal.alembic("upgrade", "phase_3")
    baseline.record(portal.url, name="second", runs=3)
    told = kingston("report", "--html", str(tmp_path / "r.html"), portal=portal)
    assert told.code == 0
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    for word in (
        "phase_3_ownership",
        "quarantine__client_actions",
        "safe",
        "first",
        "second",
        "1 row in quarantine",
        "ACCESS EXCLUSIVE",
    ):
        assert word in page.text, word
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text, "shown, not run"
    ran = portal.one("SELECT count(*) FROM kingston.journal")
    data = kingston("report", "--json", portal=portal).json["data"]
    assert len(data["runs"]) == ran
    assert any("planted was allowed" in problem for problem in data["problems"])


def test_the_page_loads_nothing_and_suits_paper_phone_and_the_dark(newest_portal_at, folders):
    portal = newest_portal_at("phase_1", seed=True)
    text = report.html(report.run(portal.url))
    page = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href", "onclick"} & page.attributes.keys()
    assert "http" not in text.replace("http-equiv", "")
    for rule in ("@media print", "prefers-color-scheme: dark", "max-width: 40rem"):
        assert rule in text
    assert "width=device-width" in text


def test_a_failed_run_is_the_first_problem(newest_portal_at, folders):
    portal = newest_portal_at("phase_2", seed=True)
    portal.run(
        "ALTER TABLE product_owner_products DROP CONSTRAINT product_owner_products_product_owner_id_fkey"
    )
    portal.run(
        "INSERT INTO product_owner_products (product_id, product_owner_id) SELECT min(id), 987654 FROM client_products"
    )
    portal.alembic("downgrade", "pre_migration")
    with pytest.raises(GateFailed):
        portal.alembic("upgrade", "phase_1")
    found = report.run(portal.url)
    assert found.problems[0].startswith("the last run did not complete: up phase_1")
    assert "failed" in report.html(found)


@pytest.mark.parametrize("revision", ["legacy", "head"])
def test_it_can_be_made_at_either_end(portal_at, folders, revision):
    assert Page(report.html(report.run(portal_at(revision).url))).text


def test_bad_input_is_told(kingston, newest_portal_at, folders, tmp_path):
    portal = newest_portal_at("legacy")
    told = kingston("report", "--html", str(tmp_path / "no" / "r.html"), "--json", portal=portal)
    assert told.code == 2
    assert "cannot be written" in told.finding["message"]
    assert kingston("report", "--json", portal=newest_portal_at("base")).code == 2
