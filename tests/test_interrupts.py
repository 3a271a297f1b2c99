"""Tests that interrupt a program work in a run that a shell put into the background"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

STARTED = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


def test_programs_of_tests_hear_ctrl_c_in_the_background():
    def ignored():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def said(prelude: str) -> str:
        code = f"{prelude}import subprocess, sys; subprocess.run([sys.executable, '-c', {STARTED!r}])"
        here = Path(__file__).parent
        return subprocess.run(
            [sys.executable, "-c", code], cwd=here, preexec_fn=ignored, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert said("") == "False"
    assert said("import conftest; ") == "True"
