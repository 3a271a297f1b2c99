"""The wheel carries the revisions of alembic/ as kingston_schema/_history; all else stands in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithHistory(build_py):
    """Copies alembic/ beside the modules, so that an installed package can migrate without a checkout."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "kingston_schema" / "_history"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree("alembic", target, ignore=shutil.ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": WithHistory})
