"""Tests that stand in tests/together.py run on one worker, others on any."""

from __future__ import annotations

import re
import subprocess
import sys

from conventions.history import ROOT
from together import TOGETHER


def test_every_file_is_there_and_shares_its_worker_for_a_reason():
    assert [file for file in TOGETHER if not (ROOT / file).is_file()] == []


def test_the_tests_of_such_a_file_run_on_one_worker_and_others_on_both(tmp_path):
    """With the pytest that is installed: a mark of pytest-xdist was without effect on it, and nobody saw it for weeks."""
    files = {"tests/together.py": (ROOT / "tests" / "together.py").read_text()}
    body = "import pytest, time\n@pytest.mark.parametrize('i', range({}))\ndef test_it(i): time.sleep(0.02)\n"
    files["tests/promises/test_online.py"] = body.format(8)
    files["tests/test_other.py"] = body.format(40)
    files["conftest.py"] = (
        "import sys; sys.path.insert(0, 'tests')\nfrom together import Together\n"
        "def pytest_xdist_make_scheduler(config, log): return Together(config, log)\n"
    )
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    asked = [sys.executable, "-m", "pytest", "-n", "2", "-v", "--rootdir", ".", "-p", "no:cacheprovider", "tests"]
    said = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=120).stdout
    workers: dict[str, set[str]] = {}
    for worker, file in re.findall(r"^\[(gw\d)\].*PASSED (\S+)::", said, re.MULTILINE):
        workers.setdefault(file, set()).add(worker)
    assert len(workers["tests/promises/test_online.py"]) == 1, said
    assert workers["tests/test_other.py"] == {"gw0", "gw1"}, said
