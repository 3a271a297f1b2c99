"""Which columns of a row are given, and what they say, in view of what is in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from kingston_schema.models import metadata

from . import catalogue, rows, values
from .model import PRODUCTS, Model
from .rows import Draw, Row

ITEMS, UNMANAGED, PHONES, OWNERS = (
    "client_information_items", "client_unmanaged_products", "product_owner_phones", "product_owners",
)  # fmt: skip


def choose(draw: Draw, model: Model, table: str, *, required: bool) -> Row | None:
    """Values for an insert (``required``: what must be given is) or for some columns of an update.

    None where a row cannot be: it must refer to something, and there is nothing.
    """
    columns = [name for name in model.columns[table] if name not in catalogue.always_generated(table)]
    held = metadata.tables[table].columns
    needed = {
        name for name in columns if required and not held[name].nullable and held[name].server_default is None
    }
    needed -= {name for name in columns if held[name].identity is not None}
    optional = [name for name in columns if name not in needed and held[name].identity is None]
    optional = [name for name in optional if required or name not in catalogue.key(table)]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True)) if optional else []
    given: Row = {}
    for name in [*sorted(needed), *chosen]:
        reference = next((each for each in catalogue.references(table) if each.column == name), None)
        if reference is not None:
            parents = [key[0] for key in model.keys(reference.parent)]
            if held[name].nullable:
                parents.append(None)
            if not parents:
                return None
            given[name] = draw(st.sampled_from(parents))
        elif name not in needed and held[name].nullable and draw(st.integers(0, 4)) == 0:
            given[name] = None
        else:
            given[name] = draw(values.of(table, name))
    if table in SPECIAL:
        SPECIAL[table](draw, model, given, columns, required)
    return given


def _owners(model: Model) -> list[int]:
    return [int(key[0] or 0) for key in model.keys(OWNERS)]


def _product(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if "ownership_details" in given:
        given["ownership_details"] = rows.document(draw, _owners(model))


def _unmanaged(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if "ownership_details" in given:
        given["ownership_details"] = (
            draw(st.just("{}")) if draw(st.integers(0, 3)) == 0 else rows.document(draw, _owners(model))
        )
    if "valuation_date" in given:
        given["valuation_date"] = draw(st.sampled_from(rows.PAST))


def _item(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if new or {"item_type", "data_content"} & given.keys():
        rows.item(draw, _owners(model), given, loose=False)


def _phone(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if (
        new
        or {
            "phone_number",
            "phone_number_encrypted",
            "phone_number_index",
            "phone_type",
            "label",
            "extension",
        }
        & given.keys()
    ):
        rows.phone(draw, given, columns)


def _owner(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    for name in given.keys() & {"security_words", "notes"}:
        given[name] = rows.secret(draw)
    for name in given.keys() & {"date_signed_tc", "last_fee_agreement_date"}:
        given[name] = draw(st.sampled_from(rows.PAST))
    if "next_meeting_date" in given:
        given["next_meeting_date"] = draw(st.sampled_from(rows.FUTURE))


def _secrets(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    for name in given.keys() & {"security_word", "private_notes", "sensitive_data"}:
        given[name] = rows.secret(draw)


def _key(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    rows.key(draw, given)


def _statement(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    given["snapshot_data"] = rows.snapshot(draw)


def _action(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if new:
        given["completed_at"] = "-infinity" if given.get("status") == "completed" else None
    else:
        given.pop("completed_at", None)


def _objective(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if given.get("status") == "achieved":
        given["progress_percentage"] = "100"


def _use(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    given["purpose"] = draw(st.sampled_from(("a call", "☃")))


def _audit(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    for name in given.keys() & {"old_value_hash", "new_value_hash"}:
        given[name] = draw(st.sampled_from(("absent", "empty", "present", None)))
    given["business_justification"] = "because"


def _source(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    given |= {"numbers_found": "2147483647", "migrated": "2147483640", "rejected": "0", "duplicates": "7"}


def _signoff(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if given.keys() & {"signed_at", "valid_until"}:
        given |= {
            "signed_at": draw(st.sampled_from(("-infinity", "2026-01-01 00:00:00+00"))),
            "valid_until": "infinity",
        }


def _change(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    if "row_key" in given or new:
        given["row_key"] = draw(
            st.sampled_from(("{}", '{"id": 9223372036854775807}', '{"id": "x"}', '{"a": 1, "b": null}'))
        )


def _log(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    # A failure that nobody dealt with stops the last gate, as it must.
    given["resolved_at"] = "2026-01-01 00:00:00+00"


def _setting(draw: Draw, model: Model, given: Row, columns: Sequence[str], new: bool) -> None:
    # The settings there are have a rule of their own; here administrators keep notes beside them.
    if new:
        given["setting"] = "x" + str(given["setting"])[:99]
    given.pop("value", None) if not new else None


SPECIAL: dict[str, Callable[[Draw, Model, Row, Sequence[str], bool], None]] = {
    PRODUCTS: _product, UNMANAGED: _unmanaged, ITEMS: _item, PHONES: _phone, OWNERS: _owner, "client_group_secrets": _secrets,
    "encryption_keys": _key, "networth_statements": _statement, "client_actions": _action, "global_action_states": _action,
    "client_objectives": _objective, "encryption_audit_log": _use, "product_owners_audit_log": _audit,
    "product_owner_phone_sources": _source, "deployment_signoff": _signoff, "row_history": _change, "migration_log": _log,
    "migration_control": _setting,
}  # fmt: skip
