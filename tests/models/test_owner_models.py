"""Models of owners, numbers, audit, history and secrets, as an application uses them"""

from __future__ import annotations

import datetime as dt
import ipaddress

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kingston_schema.errors import SecretRefused
from kingston_schema.models import (
    ClientGroup,
    ClientGroupSecret,
    EncryptionAudit,
    EncryptionKey,
    ProductOwner,
    ProductOwnerAudit,
    ProductOwnerPhone,
    ProductOwnerPhoneReject,
    ProductOwnerPhoneSource,
    RowHistory,
    metadata,
)
from owner_data import ENVELOPE, say

AT = "phase_2_field_encryption"
OURS = {
    model.__tablename__
    for model in (
        ClientGroupSecret, EncryptionAudit, EncryptionKey, ProductOwner, ProductOwnerAudit, ProductOwnerPhone,
        ProductOwnerPhoneReject, ProductOwnerPhoneSource, RowHistory,
    )
}  # fmt: skip


def test_the_database_is_what_the_models_say(portal_at):
    with portal_at(AT).engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "compare_server_default": True,
            "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
            "include_object": lambda item, name, kind, reflected, other: (
                name in OURS if kind == "table" else item.table.name in OURS),
        })  # fmt: skip
        assert compare_metadata(context, metadata) == []


def test_an_owner_and_their_numbers(portal_at):
    portal = portal_at(AT)
    with Session(portal.engine) as session:
        ann = ProductOwner(firstname="Ann", phones=[
            ProductOwnerPhone(phone_type="mobile", phone_number="07700 900456", is_primary=True),
            ProductOwnerPhone(phone_type="other", phone_number="020 7946 0018", label="Boat", extension="12"),
        ])  # fmt: skip
        session.add(ann)
        session.commit()
        assert [phone.is_primary for phone in ann.phones] == [True, False]
        assert ann.phones[0].product_owner is ann
        first = ann.phones[1].updated_at
        ann.phones[1].label = "Narrow boat"
        session.commit()
        assert ann.phones[1].updated_at > first
        assert ann.phones[1].updated_by == "postgres"
        ann.phones.pop()
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(ProductOwnerPhone)) == 1
        session.delete(ann)
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(ProductOwnerPhone)) == 0


def test_the_eight_columns_of_an_owner(portal_at):
    portal = portal_at(AT)
    with Session(portal.engine) as session:
        session.execute(sa.text("SELECT set_config('app.justification', 'annual review', true)"))
        ann = ProductOwner(
            firstname="Ann", stored_notes=ENVELOPE, date_signed_tc=dt.date(2020, 2, 29),
            next_meeting_date=dt.datetime.now(dt.UTC) + dt.timedelta(days=7),
        )  # fmt: skip
        session.add(ann)
        session.commit()
        assert ann.inception_date is not None
        assert ann.updated_by == "postgres"
        ann.next_meeting_date = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        with pytest.raises(IntegrityError, match="must lie in the future"):
            session.flush()


def test_rejects_and_what_was_read(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD phone text")
    portal.run("INSERT INTO product_owners (phone) VALUES ('ask')")
    portal.alembic("upgrade", AT)
    with Session(portal.engine) as session:
        ann = session.scalars(sa.select(ProductOwner)).one()
        assert [(reject.source_text, reject.reason) for reject in ann.phone_rejects] == [("ask", "no digits")]
        source = session.get_one(ProductOwnerPhoneSource, (ann.id, "phone"))
        assert (source.numbers_found, source.rejected) == (1, 1)


def test_audit_and_history_are_read_as_rows(portal_at):
    portal = portal_at(AT)
    say(portal, current_user_id="adviser 7", client_ip="192.0.2.7")
    portal.run("INSERT INTO product_owners (firstname) VALUES ('Ann')")
    portal.run("UPDATE product_owners SET firstname = 'Anne'")
    with Session(portal.engine) as session:
        entry = session.scalars(sa.select(ProductOwnerAudit).order_by(ProductOwnerAudit.id)).first()
        assert entry is not None
        assert (entry.change_type, entry.changed_by, entry.ip_address) == (
            "create", "adviser 7", ipaddress.ip_address("192.0.2.7"))  # fmt: skip
        line = session.scalars(sa.select(RowHistory).where(RowHistory.action == "update")).one()
        assert (line.row_id, line.row_key, line.changes["firstname"]) == (1, {"id": 1}, ["Ann", "Anne"])


def test_the_secrets_of_a_client_group(portal_at):
    portal = portal_at(AT)
    with Session(portal.engine) as session:
        group = ClientGroup(name="Ann and Ben", secrets=ClientGroupSecret(stored_security_word=ENVELOPE))
        session.add(group)
        session.commit()
        assert group.secrets is not None
        assert (group.secrets.stored_security_word, group.secrets.client_group) == (ENVELOPE, group)
        group.secrets.security_word = "rover"
        with pytest.raises(SecretRefused, match="this session has no vault") as caught:
            session.flush()
        assert "rover" not in str(caught.value)
        session.rollback()
        session.delete(group)
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(ClientGroupSecret)) == 0


def test_key_versions_and_the_ledger(portal_at):
    portal = portal_at(AT)
    with Session(portal.engine) as session:
        key = EncryptionKey(key_name="fields", key_version=1, purpose="encryption", algorithm="aes-256-gcm",
                            key_check_value="0a1b2c")  # fmt: skip
        use = EncryptionAudit(table_name="product_owners", record_id=1, field_name="notes", operation="decrypt",
                              accessed_by="adviser 7", purpose="annual review")  # fmt: skip
        session.add_all([key, use])
        session.commit()
        assert (key.status, key.created_by) == ("pending", "postgres")
        assert (use.outcome, use.db_role) == ("granted", "postgres")


def test_no_secret_shows_in_a_repr():
    phone = ProductOwnerPhone(phone_number="07700 900456")
    secret = ClientGroupSecret(security_word="rover")
    assert "900456" not in repr(phone)
    assert "rover" not in repr(secret)
