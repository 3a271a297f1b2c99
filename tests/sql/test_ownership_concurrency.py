"""Many writers at once, on both sides: links and documents never come apart, and the portal is never refused"""

from __future__ import annotations

import random
import threading
from collections import Counter

import psycopg

from ownership_data import As, differences, individual, link, people, product, save_owners, shared, write

ROUNDS = 40


class Writers:
    """Threads with connections of their own; ``answers`` counts what they did and what they were told."""

    def __init__(self, portal, products, owners):
        self.portal, self.products, self.owners = portal, products, owners
        self.answers: Counter[str] = Counter()
        self.refused: list[BaseException] = []

    def the_portal(self, seed: int) -> None:
        """What the Phase 1 application does with links, each statement committed alone; no error is acceptable."""
        draw, app = random.Random(seed), As(self.portal.connect())
        try:
            for _ in range(ROUNDS):
                number = draw.choice(self.products)
                action = draw.randrange(5)
                if action < 2:
                    save_owners(app, number, draw.sample(self.owners, draw.randrange(4)))
                elif action == 2:
                    link(app, number, draw.choice([*self.owners, None]))
                elif action == 3:
                    app.run("DELETE FROM product_owner_products WHERE id = (SELECT min(id) FROM product_owner_products WHERE product_id = %s)", number)
                else:
                    app.run("UPDATE client_products SET notes = %s WHERE id = %s", str(draw.random()), number)
                self.answers["portal"] += 1
        except BaseException as error:
            self.refused.append(error)

    def the_new_application(self, seed: int) -> None:
        """Writes documents; may be told to try again."""
        draw, app = random.Random(seed), As(self.portal.connect())
        for _ in range(ROUNDS):
            a, b = draw.sample(self.owners, 2)
            wanted = draw.choice([individual(a), shared({a: 60, b: 40}), {"association_type": "joint_ownership", "joint_owners": [a, b]}])
            try:
                write(app, draw.choice(self.products), wanted)
                self.answers["written"] += 1
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
                self.answers[type(error).__name__] += 1
            except BaseException as error:
                self.refused.append(error)


def run(writers: Writers) -> None:
    threads = [threading.Thread(target=writers.the_portal, args=(seed,)) for seed in range(3)]
    threads += [threading.Thread(target=writers.the_new_application, args=(seed,)) for seed in range(10, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)


def test_links_and_documents_never_come_apart(portal_at):
    portal = portal_at("phase_5_audit")
    owners = people(portal, 4)
    writers = Writers(portal, [product(portal, owners[0]) for _ in range(3)], owners)
    run(writers)
    assert writers.refused == []
    assert writers.answers["portal"] == 3 * ROUNDS
    assert writers.answers["written"] > ROUNDS
    assert differences(portal) == []
