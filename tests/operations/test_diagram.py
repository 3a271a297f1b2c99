"""kingston diagram"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from kingston_schema import settings
from kingston_schema.operations import diagram
from portals import revisions

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("revision", revisions())
def test_every_revision_can_be_drawn_whole(revision):
    report = diagram.run(revision)
    picture = ElementTree.fromstring(report.text)
    drawn = {text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "name"}
    assert drawn == {table.name for table in report.tables}
    assert len(list(picture.iter(f"{SVG}path"))) == len(report.links)


def test_it_draws_what_a_database_has(portal_at):
    portal = portal_at("head")
    report = diagram.run("head")
    assert {t.name for t in report.tables} == set(
        portal.all(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
    )
    keys = portal.all(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    )
    assert sorted((link.table, link.target) for link in report.links) == sorted(keys)
    columns = portal.one(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'client_products'"
    )
    assert len(next(t for t in report.tables if t.name == "client_products").columns) == columns


def test_what_phase_2_adds_is_told_apart():
    report = diagram.run("phase_3")
    added = {f"{t.name}.{c.name}" for t in report.tables for c in t.columns if c.new}
    assert "client_products.ownership_details" in added
    assert len(added) == 9
    assert sum(t.phase == "legacy" for t in report.tables) == 22
    assert not [c for t in diagram.run("legacy").tables for c in t.columns if c.new]


def test_boxes_do_not_overlap():
    picture = ElementTree.fromstring(diagram.run("head").text)
    boxes = [
        tuple(float(r.get(k, 0)) for k in ("x", "y", "width", "height"))
        for r in picture.iter(f"{SVG}rect")
        if r.get("class") != "page"
    ]
    for number, (x, y, w, h) in enumerate(boxes):
        for a, b, c, d in boxes[number + 1 :]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y


def test_the_picture_in_the_documentation_is_this_one():
    kept = (settings.checkout() / "docs/images/schema.svg").read_text(encoding="utf-8")
    assert kept == diagram.run("head").text, "kingston diagram -o docs/images/schema.svg"


def test_mermaid_names_every_table_and_reference(kingston):
    told = kingston("diagram", "--mermaid", "--revision", "phase_3")
    assert told.out.startswith("erDiagram\n")
    report = diagram.run("phase_3", mermaid=True)
    assert len(re.findall(r"^    \w+ \{$", told.out, re.MULTILINE)) == len(report.tables)
    assert told.out.count("||--o{") == len(report.links)


def test_a_file_is_written_and_bad_input_is_told(kingston, tmp_path):
    assert kingston("diagram", "-o", str(tmp_path / "a.svg")).code == 0
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert kingston("diagram", "-o", str(tmp_path / "no" / "a.svg"), "--json").finding["code"] == "usage"
    assert (
        "did you mean phase_3" in kingston("diagram", "--revision", "phase_33", "--json").finding["message"]
    )
