"""Run the mutation check of the downgrades and print the rate: ``make mutation``.  Fails below 100 %."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={report}", "tests/promises/test_mutation.py"],
            cwd=ROOT,
            check=False,
        )
        cases = list(ET.parse(report).getroot().iter("testcase"))
    mutants = _sum(cases, "mutants")
    survivors = _sum(cases, "survivors")
    if not mutants:
        print("no mutant was made", file=sys.stderr)
        return 1
    killed = mutants - survivors
    print(f"{killed} of {mutants} mutants noticed in {len(cases)} revisions: {100 * killed / mutants:.1f} %")
    return done.returncode


def _sum(cases: list[ET.Element], name: str) -> int:
    return sum(int(p.get("value", "0")) for case in cases for p in case.iter("property") if p.get("name") == name)


if __name__ == "__main__":
    sys.exit(main())
