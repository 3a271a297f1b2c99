"""A process with some of the clients: ``python -m promises.online.process URL KIND:NUMBER:OF …``.

Says "ready" when all of them run, ends them when a line comes on standard input, and prints what they kept as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading

from . import phase_1, phase_2
from .client import Client

MODULES = (phase_1, phase_2)


def main(url: str, wanted: list[str]) -> None:
    """Run the clients ``wanted``: kind, number, and how many of that kind there are."""
    over = threading.Event()
    clients = []
    for text in wanted:
        kind, number, of = text.split(":")
        clients.append(Client.kinds[kind](url, int(number), int(of), over))
    for client in clients:
        client.start()
    print("ready", flush=True)
    sys.stdin.readline()
    over.set()
    for client in clients:
        client.join()
    kept = [
        {
            "name": c.name, "kind": type(c).__name__, "samples": c.samples, "failures": c.failures,
            "counts": c.counts, "facts": c.facts,
        }
        for c in clients
    ]  # fmt: skip
    with contextlib.suppress(BrokenPipeError):  # the test has gone away
        json.dump(kept, sys.stdout)
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
