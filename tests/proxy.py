"""Between a client and a PostgreSQL server: forwards every byte, until the COMMIT of a revision comes by."""

from __future__ import annotations

import contextlib
import re
import select
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from urllib.parse import unquote

PORT = 5432
MODES = ("request lost", "answer lost", "silence")


class Proxy:
    """Listens on a Unix socket of its own.

    ``mode``: at the COMMIT that follows a change of the version table, cut the connections before forwarding it
    (``request lost``) or before forwarding the answer (``answer lost``), or keep them and forward nothing any more
    (``silence``).  ``everything``: all connections, else only the one that committed.
    """

    def __init__(self, url: str, mode: str, *, everything: bool = True) -> None:
        assert mode in MODES
        self.mode = mode
        self.everything = everything
        found = re.search(r"host=([^&]+)", url)
        assert found
        self._server = f"{unquote(found.group(1))}/.s.PGSQL.{PORT}"
        self._folder = Path(tempfile.mkdtemp(prefix="kingston-proxy-"))
        self.url = url.replace(found.group(1), str(self._folder))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / f".s.PGSQL.{PORT}"))
        self._listener.listen(20)
        self._open: list[socket.socket] = []
        self._silent = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *error: object) -> None:
        self._cut(self._open)
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                with self._lock:
                    self._open += [client, server]
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        armed = False
        with contextlib.suppress(OSError, ValueError):
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        self._cut([client, server])
                        return
                    if self._silent.is_set():
                        continue
                    armed = armed or (end is client and b"UPDATE alembic_version" in data)
                    if armed and end is client and b"COMMIT" in data:
                        self._act(client, server, data)
                        return
                    (server if end is client else client).sendall(data)

    def _act(self, client: socket.socket, server: socket.socket, commit: bytes) -> None:
        if self.mode == "silence":
            self._silent.set()
            return
        if self.mode == "answer lost":
            server.sendall(commit)
            server.recv(65536)
        with self._lock:
            self._cut(list(self._open) if self.everything else [client, server])

    def _cut(self, ends: list[socket.socket]) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
