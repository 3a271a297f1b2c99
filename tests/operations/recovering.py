"""What the tests of ``kingston recover`` share: a portal full of rows, its state, what can go wrong with one client group."""

from __future__ import annotations

from promises.writes import ENVELOPE, contents, fill

# Written by the database itself when rows change, or about the change.
TOLD = ("row_history", "product_owners_audit_log", "ownership_audit_log", "ownership_memory", "client_information_items")


def filled(portal):
    """The portal with rows in every table; one of its secrets is encrypted."""
    fill(portal)
    portal.run("SELECT set_config('app.current_user_id', '7', false), set_config('app.justification', 'a test', false)")
    portal.run("UPDATE product_owners SET security_words = %s WHERE id = 2", ENVELOPE)
    return portal


def now(portal):
    """A moment between two changes."""
    return portal.one("SELECT clock_timestamp()").isoformat()


def state(portal):
    """Every row people write; of items without the number of their version, which counts on."""
    rows = {name: lines for name, lines in contents(portal).items() if name not in TOLD}
    rows["items"] = portal.all("SELECT (to_jsonb(i) - 'version')::text FROM client_information_items AS i ORDER BY id")
    return rows


def recover(kingston, portal, *options, code=0):
    outcome = kingston("recover", *options, "--json", portal=portal)
    assert outcome.code == code, outcome.out
    return outcome.json["data"] if code == 0 else outcome.finding


def spoil(portal, client):
    """Everything that can go wrong with one client group; returns statements' rows."""
    for statement in (
        "UPDATE client_groups SET name = 'Spoilt' WHERE id = %s",
        "UPDATE client_products SET product_name = 'Spoilt', status = 'lapsed' WHERE client_id = %s",
        "DELETE FROM product_owner_products WHERE product_id IN (SELECT id FROM client_products WHERE client_id = %s)",
        "UPDATE client_information_items SET data_content = data_content || '{\"current_balance\": 0.1}' WHERE client_group_id = %s",
        "DELETE FROM client_objectives WHERE client_group_id = %s",
        "UPDATE client_actions SET status = CASE status WHEN 'completed' THEN 'outstanding' ELSE 'completed' END WHERE client_group_id = %s",
        "UPDATE client_group_secrets SET security_word = NULL WHERE client_group_id = %s",
        "DELETE FROM client_liquidity_customization WHERE client_group_id = %s",
        "DELETE FROM client_unmanaged_products WHERE client_group_id = %s",
        "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) SELECT %s, 'New', 'client', min(id) FROM profiles",
    ):
        assert portal.run(statement, client) > 0, statement
