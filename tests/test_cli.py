"""The command line as a whole: help, options, envelope, exit codes, progress."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.util import CommandError
from rich.console import Console
from rich.progress import Progress

from kingston_schema import cli, errors, operations
from kingston_schema.cli import app, driver, hints, progress, render
from kingston_schema.cli.render import Finding, Result

HERE = Path(__file__).parent


@pytest.fixture
def kingston(capsys):
    def call(*arguments):
        code = app.main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def modules(package) -> set[str]:
    """The public modules and packages of a package."""
    found = Path(package.__file__).parent.iterdir()
    return {
        p.stem
        for p in found
        if (p.suffix == ".py" or (p / "__init__.py").exists()) and not p.stem.startswith("_")
    }


@pytest.mark.parametrize("name", app.COMMANDS)
def test_each_command_has_its_modules_its_test_and_a_sentence_of_help(kingston, name):
    assert name in modules(cli)
    assert name in modules(operations)
    assert (HERE / "operations" / f"test_{name}.py").exists()
    code, out, _ = kingston(name, "--help")
    assert code == 0
    sentence = out.split("\n\n")[1].split("Options:")[0].strip()
    assert len(sentence) > 30
    for option in ("--json", "--url", "--schema", "--verbose"):
        assert option in out


def test_each_operation_is_a_command():
    assert modules(operations) == set(app.COMMANDS)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("kingston upgrade phase_3", "kingston upgrade --schema firm_a phase_3"),
        ("next: kingston archive shows what was kept", "next: kingston archive --schema firm_a shows what was kept"),
        ("kingston archive list --quarantine", "kingston archive --schema firm_a list --quarantine"),
        ("alembic stamp legacy, if this is the Phase 1 production schema", "alembic -x schema=firm_a stamp legacy, if this is the Phase 1 production schema"),
        ("kingston upgrade --schema firm_b", "kingston upgrade --schema firm_b"),
        ("use the version of kingston-schema that brought it there", "use the version of kingston-schema that brought it there"),
        ("kingston up", "kingston up"),
        ("schema kingston holds a table", "schema kingston holds a table"),
    ],
)  # fmt: skip
def test_commands_in_messages_mean_the_portal_they_speak_of(text, named):
    assert hints.named(text, "firm_a") == named
    finding = Finding("x", "", "m", text)
    assert hints.for_portal(Result(None, [text], (finding,)), "firm_a") == Result(
        None, [named], (Finding("x", "", "m", named),)
    )
    assert hints.for_portal(Result(None, [text], (finding,)), "").findings[0].fix == text


def test_alone_it_shows_the_help(kingston):
    code, out, _ = kingston()
    assert code == 0
    assert [line.split()[0] for line in out.split("Commands:\n")[1].splitlines()] == list(app.COMMANDS)


def test_help_names_every_exit_code(kingston):
    out = " ".join(kingston("--help")[1].split())
    codes = [getattr(errors, name) for name in dir(errors) if name.startswith("EXIT_")]
    assert all(f"{code} " in out for code in codes)


def test_version(kingston):
    assert kingston("--version")[1].strip() == app.__version__


@pytest.mark.parametrize(
    "arguments",
    [
        ("--url", "mysql://h/d", "--json", "status"),
        ("status", "--json", "--url", "mysql://h/d"),
        ("--json", "status", "--url", "mysql://h/d"),
        ("--url", "mysql://h/d", "archive", "--json", "list"),
        ("archive", "--url", "mysql://h/d", "list", "--json"),
    ],
)
def test_common_options_stand_before_or_after_the_verb(kingston, arguments):
    code, out, _ = kingston(*arguments)
    assert code == 2
    assert json.loads(out)["findings"][0]["code"] == "usage"


def test_the_envelope(capsys):
    call = driver.Call("example", as_json=True)
    finding = render.Finding("drift", "product_owners", "a column is missing", "kingston upgrade")
    code = driver.perform(call, lambda call: render.Result(finding, ["for people"], (finding,), 1))
    document = json.loads(capsys.readouterr().out)
    assert code == 1
    assert document == {
        "command": "example",
        "ok": False,
        "exit_code": 1,
        "findings": [
            {
                "code": "drift",
                "object": "product_owners",
                "message": "a column is missing",
                "fix": "kingston upgrade",
            }
        ],
        "data": {
            "code": "drift",
            "object": "product_owners",
            "message": "a column is missing",
            "fix": "kingston upgrade",
        },
    }


KNOWN = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.KingstonError)]


@pytest.mark.parametrize(
    ("error", "code"),
    [(known("what happened", fix="do this"), known.exit_code) for known in KNOWN]
    + [(CommandError("Can't locate revision"), 2), (KeyboardInterrupt(), 5), (ValueError("oops"), 70)],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_error_has_its_exit_code(capsys, error, code):
    def fail(call):
        raise error

    assert driver.perform(driver.Call("example"), fail) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("kingston example") >= 1
    assert ("Traceback" in said.err) is (code == 70)


def test_verbose_shows_the_traceback_of_an_expected_error(capsys):
    def fail(call):
        raise errors.RefusedError("no")

    driver.perform(driver.Call("example", verbose=True), fail)
    assert "Traceback" in capsys.readouterr().err


def test_a_database_error_nobody_expected_is_a_bug_without_the_whole_statement(capsys, newest_portal_at):
    portal = newest_portal_at("base")

    def fail(call):
        call.resolved = portal.url
        with portal.engine.connect() as connection:
            connection.exec_driver_sql("SELECT /* a long statement */ 1 FROM nowhere")

    assert driver.perform(driver.Call("example", as_json=True), fail) == 70
    finding = json.loads(capsys.readouterr().out)["findings"][0]
    assert 'relation "nowhere" does not exist' in finding["message"]
    assert psycopg.errors.UndefinedTable.__name__ in finding["message"]


def test_a_reader_that_goes_away_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    code = (
        "from kingston_schema.cli.driver import Call, perform; from kingston_schema.cli.render import Result;"
    )
    code += "raise SystemExit(perform(Call('x', as_json=True), lambda call: Result(None, (), (), 1)))"
    process = subprocess.run(
        [sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.041, "0.04 s"),
        (12.34, "12.3 s"),
        (185, "3 min 05 s"),
        (7_799, "2 h 09 min"),
        (59.99, "60.0 s"),
    ],
)
def test_durations(value, shown):
    assert render.seconds(value) == shown


def test_no_colour_codes_where_no_terminal_is(capsys):
    driver.perform(driver.Call("x"), lambda call: render.Result(None, [render.table(("a",), [("1",)])]))
    assert "\x1b" not in capsys.readouterr().out


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, no_color=True, highlight=False)


def test_bars_of_a_run_on_a_terminal():
    story = terminal()
    with Progress(console=story, transient=True) as bars:
        reporter = progress.BarReporter(story, bars, 2)
        reporter.revision_started("phase_3_ownership", "ownership", "up")
        reporter.progress("fill_ownership", 500, 1000)
        reporter.note("waited for a reader")
        reporter.revision_finished("phase_3_ownership", 1.25, 1000)
        assert [task.description for task in bars.tasks] == ["up phase_3_ownership"]
        assert bars.tasks[0].completed == 1
        reporter.revision_started("phase_3", "gate", "up")
        reporter.revision_failed("phase_3", 0.1, "no")
    said = story.file.getvalue()
    assert "done    phase_3_ownership" in said
    assert "1,000 rows" in said
    assert "waited for a reader" in said
    assert "FAILED  phase_3 " in said


def test_one_bar_for_a_movement_over_many_tables():
    story = terminal()
    with Progress(console=story) as bars:
        reporter = progress.SingleBar(story, bars)
        reporter.progress("client_groups", 10, 100)
        reporter.progress("products", 60, 100)
        (task,) = bars.tasks
        assert (task.description, task.completed, task.total) == ("products", 60, 100)


def test_plain_lines_elsewhere(capsys):
    with progress.reporter(1) as story:
        story.revision_started("legacy", "tables", "up")
        story.revision_finished("legacy", 0.5, 0)
    assert capsys.readouterr().err == "up   legacy: tables\n     legacy done in 0.50 s\n"
