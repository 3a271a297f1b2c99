"""Neither a value nor a key is in any statement: the server's log with everything switched on, and pg_stat_statements"""

from __future__ import annotations

import base64

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kingston_schema.crypto import access, keyring, master
from kingston_schema.embedded import wheel_bindir
from kingston_schema.models import ClientGroup, ClientGroupSecret, ProductOwner, ProductOwnerPhone
from kingston_schema.operations.encrypt import decoy, run, verify
from kingston_schema.operations.keys import init, rotate, versions
from portals import Portal
from servers import start

SECRETS = ("zebra", "900987", "rhinoceros", "7946 0099", "79460099")
TALKATIVE = {
    "log_min_duration_statement": "0", "log_statement": "all", "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1", "log_error_verbosity": "verbose", "log_min_messages": "debug1",
    "log_duration": "on",
}  # fmt: skip


def quietly(portal: Portal) -> None:
    """Plaintext from before, written while nothing was logged."""
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    portal.run("SELECT set_config('app.justification', 'test', false)")
    portal.run("INSERT INTO product_owners (notes) VALUES ('rhinoceros before')")
    portal.run("INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number) VALUES (1, 'work', '020 7946 0099')")  # fmt: skip
    portal.run("UPDATE migration_control SET value = 'true' WHERE setting = 'encryption_enabled'")
    portal.connection.close()


def work(portal: Portal, vault_for) -> None:
    """Everything that handles a value or a key."""
    init.run(portal.url)
    run.run(portal.url)
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        session.execute(sa.text("SELECT set_config('app.justification', 'test', true)"))
        ann = ProductOwner(
            notes="zebra flush", phones=[ProductOwnerPhone(phone_type="work", number="+44 7700 900987")]
        )
        session.add_all([ann, ClientGroup(secrets=ClientGroupSecret(private_notes="zebra group"))])
        session.execute(sa.insert(ProductOwner), [{"notes": f"zebra bulk {n}"} for n in range(3)])
    with sessions() as session:  # refused by the database: the error and the log show the row
        session.execute(sa.text("SELECT set_config('app.justification', 'test', true)"))
        session.add(ProductOwnerPhone(phone_type="nonsense", number="07700 900987", product_owner_id=1))
        with pytest.raises(DBAPIError) as caught:
            session.flush()
        assert not any(secret in f"{caught.value}{caught.value.orig}" for secret in SECRETS)
    with sessions() as session, access(actor="x", purpose="y"):
        same = ProductOwnerPhone.number.equals(session, "07700 900987")
        (phone,) = session.scalars(sa.select(ProductOwnerPhone).where(same)).all()
        assert (phone.number, phone.product_owner.notes) == ("+44 7700 900987", "zebra flush")
    versions.add(portal.url)
    versions.promote(portal.url)
    rotate.run(portal.url)
    assert verify.run(portal.url).faults == ()
    decoy.run(portal.url, value="product_owners/1/notes")


def told(text: str) -> list[str]:
    """What of the secrets a text tells."""
    keys = [master.read_master(), *(key.material for key in keyring.load().keys)]
    forms = [
        form
        for key in keys
        for form in (key.hex(), base64.b64encode(key).decode(), base64.b64encode(key).decode()[:20])
    ]
    return [secret for secret in (*SECRETS, *forms) if secret in text]


def test_E018_E039_E180_neither_the_log_of_the_server_nor_its_statistics_tell_a_value_or_a_key(keys, vault_for):
    """On a server of its own: everything is logged, and pg_stat_statements has to be loaded when it starts."""
    started = start("talkative", wheel_bindir(), TALKATIVE | {"shared_preload_libraries": "pg_stat_statements"})
    server = started.server
    try:
        server.create_database("portal")
        portal = Portal(server.url("portal"))
        portal.alembic("upgrade", "phase_2_field_encryption")
        quietly(portal)
        begin = server.log.stat().st_size
        with psycopg.connect(server.dsn("portal"), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
            work(portal, vault_for)
            seen, number = connection.execute(
                "SELECT string_agg(query, ' '), count(*) FROM pg_stat_statements"
            ).fetchone()
        text = server.log.read_bytes()[begin:].decode(errors="replace")
        assert text.count("INSERT INTO product_owners") >= 2  # it was listening
        assert "enc:1:1:" in text
        assert number > 20
        assert told(seen) == told(text) == []
        portal.close()
    finally:
        started.stop()
