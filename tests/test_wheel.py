"""The built package alone: an empty environment, no checkout, the main job from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kingston_schema import settings


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The ``bin`` of an environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    # From a copy: building writes into the tree, and the checkout is not ours to write to.
    copy = folder / "source"
    _copy(settings.checkout(), copy)
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(copy)], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([*pip, "--python", str(python), "install", str(wheel)], check=True)
    return python.parent


def _copy(source: Path, target: Path) -> None:
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "alembic.ini"):
        target.mkdir(exist_ok=True)
        shutil.copy(source / name, target / name)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("src", "alembic"):
        shutil.copytree(source / name, target / name, ignore=ignore)


def test_the_main_job_runs_from_an_installed_wheel(installed, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTHONPATH")}
    environment["KINGSTON_HOME"] = str(tmp_path / "home")

    def kingston(*arguments: str) -> dict:
        done = subprocess.run(
            [installed / "kingston", *arguments, "--json"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stderr)
        return json.loads(done.stdout)["data"]

    try:
        kingston("up")
        kingston("upgrade", "legacy", "--yes")
        kingston("seed", "--clients", "13", "--products", "100", "--seed", "7")
        kingston("upgrade", "--yes")
        assert kingston("status")["revision"] == "phase_6"
        assert kingston("fingerprint", "--diff", "phase_6")["differences"] == []
        assert "phase_6 (head)" in kingston("alembic", "heads")["output"]
        kingston("alembic", "downgrade", "legacy")
        assert kingston("status")["revision"] == "legacy"
        assert kingston("plan")["revisions"][0]["steps"]
    finally:
        subprocess.run(
            [installed / "kingston", "stop"], cwd=tmp_path, env=environment, check=False, capture_output=True
        )
    where = subprocess.run(
        [installed / "python", "-c", "import kingston_schema; print(kingston_schema.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(installed.parent) in where
