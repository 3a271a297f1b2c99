"""Objectives, actions, and actions for all client groups with a state per group

Phase:      phase_2
Does:       client_objectives, client_actions, global_actions, global_action_states, the rules of their
            status, the view global_action_status, keys, triggers (status, touch, switch, history)
Locks:      SHARE ROW EXCLUSIVE on client_groups and profiles while a foreign key is added (milliseconds,
            under the lock budget); nothing else that anybody waits for
Refuses if: a row that comes back from the archive breaks a rule (its key is named)
Down:       the four tables move to the archive with their rows; functions, view and triggers are dropped
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "phase_2_objectives_actions"
down_revision = "phase_2_client_information"
branch_labels = None
depends_on = None

OBJECTIVES, ACTIONS = "client_objectives", "client_actions"
GLOBAL, STATES = "global_actions", "global_action_states"
# In an order in which each finds what it calls; dropped in reverse.
FUNCTIONS = ("validate_action_state_transition", "apply_action_status", "feature_enabled",
             "refuse_global_actions_when_off", "refuse_when_off")  # fmt: skip
BELOW = ("client_information_items_switch", "client_unmanaged_products_switch")  # on tables of the revision below
TRIGGERS = (
    (OBJECTIVES, ("client_objectives_switch", "client_objectives_touch", "history_client_objectives")),
    (ACTIONS, ("client_actions_switch", "client_actions_status", "client_actions_touch", "history_client_actions")),
    (GLOBAL, ("global_actions_switch", "global_actions_touch", "history_global_actions")),
    (STATES, ("global_action_states_status", "global_action_states_touch", "history_global_action_states")),
)
KEYS = (
    ("fk_client_objectives_client_group", OBJECTIVES, "client_groups", "client_group_id", "CASCADE"),
    ("fk_client_objectives_creator", OBJECTIVES, "profiles", "created_by", "RESTRICT"),
    ("fk_client_actions_client_group", ACTIONS, "client_groups", "client_group_id", "CASCADE"),
    ("fk_client_actions_creator", ACTIONS, "profiles", "created_by", "RESTRICT"),
    ("fk_global_actions_creator", GLOBAL, "profiles", "created_by", "RESTRICT"),
    ("fk_global_action_states_action", STATES, GLOBAL, "global_action_id", "CASCADE"),
    ("fk_global_action_states_client_group", STATES, "client_groups", "client_group_id", "CASCADE"),
    ("fk_global_action_states_editor", STATES, "profiles", "last_edited_by", "RESTRICT"),
)  # fmt: skip
AIMS, PROGRESS = "status IN ('active', 'achieved', 'modified', 'cancelled')", "progress_percentage BETWEEN 0 AND 100"
STATUS, COMPLETED = "status IN ('outstanding', 'completed', 'cancelled')", "(status = 'completed') = (completed_at IS NOT NULL)"
KEY, MOMENT, NOW = sa.BigInteger, sa.DateTime(timezone=True), sa.text("now()")
WHO = "Who has to act: advisor or client"


def upgrade() -> None:
    for name in FUNCTIONS:
        op.run_sql(name, "0240")
    op.restore_table_or(
        OBJECTIVES, _id(), _must("client_group_id", KEY), _must("title", sa.String(255)),
        sa.Column("description", sa.Text), sa.Column("target_date", sa.Date),
        sa.Column("priority", sa.Integer, comment="1 (highest) to 5"),
        _must("status", sa.String(20), "'active'"), _must("progress_percentage", sa.Integer, "0"),
        sa.Column("created_at", MOMENT, server_default=NOW),
        sa.Column("updated_at", MOMENT, server_default=NOW), _must("created_by", KEY),
        sa.PrimaryKeyConstraint("id", name="client_objectives_pkey"),
        sa.CheckConstraint("length(btrim(title)) > 0", name="title_not_empty"),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name="client_objectives_priority_check"),
        sa.CheckConstraint(AIMS, name="client_objectives_status_check"),
        sa.CheckConstraint(PROGRESS, name="client_objectives_progress_percentage_check"),
        sa.CheckConstraint("status <> 'achieved' OR progress_percentage = 100", name="achieved_is_complete"),
        comment="What a client group wants to reach; the steps towards it are client_actions",
    )  # fmt: skip
    op.restore_table_or(
        ACTIONS, _id(), _must("client_group_id", KEY), _must("action_name", sa.String(255)),
        sa.Column("description", sa.Text), _must("owner", sa.String(20), comment=WHO),
        _must("status", sa.String(20), "'outstanding'"), _must("active", sa.Boolean, "true"),
        sa.Column("target_date", sa.Date), sa.Column("completed_at", MOMENT), sa.Column("created_at", MOMENT, server_default=NOW),
        sa.Column("updated_at", MOMENT, server_default=NOW), _must("created_by", KEY),
        sa.PrimaryKeyConstraint("id", name="client_actions_pkey"),
        sa.CheckConstraint("length(btrim(action_name)) > 0", name="action_name_not_empty"),
        sa.CheckConstraint("owner IN ('advisor', 'client')", name="client_actions_owner_check"),
        sa.CheckConstraint(STATUS, name="client_actions_status_check"),
        sa.CheckConstraint(COMPLETED, name="completed_status_logic"),
        comment="Things to do for a client group, by the advisor or by the client",
    )  # fmt: skip
    op.restore_table_or(
        GLOBAL, _id(), _must("action_name", sa.String(255)), sa.Column("description", sa.Text),
        _must("owner", sa.String(20), "'advisor'", WHO), _must("active", sa.Boolean, "true"),
        sa.Column("target_date", sa.Date), _must("created_at", MOMENT, "now()"),
        _must("updated_at", MOMENT, "now()"), _must("created_by", KEY),
        sa.PrimaryKeyConstraint("id", name="global_actions_pkey"),
        sa.CheckConstraint("length(btrim(action_name)) > 0", name="global_action_name_not_empty"),
        sa.CheckConstraint("owner IN ('advisor', 'client')", name="global_actions_owner_check"),
        comment="Things to do for every client group; how far each group is: global_action_states",
    )  # fmt: skip
    op.restore_table_or(
        STATES, _id(), _must("global_action_id", KEY), _must("client_group_id", KEY),
        sa.Column("last_edited_by", KEY), _must("status", sa.String(20), "'outstanding'"),
        sa.Column("completed_at", MOMENT), _must("created_at", MOMENT, "now()"),
        _must("updated_at", MOMENT, "now()"), sa.PrimaryKeyConstraint("id", name="global_action_states_pkey"),
        sa.UniqueConstraint("global_action_id", "client_group_id", name="unique_global_action_state"),
        sa.CheckConstraint(STATUS, name="global_action_states_status_check"),
        sa.CheckConstraint(COMPLETED, name="completed_status_logic"),
        sa.Index("idx_global_action_states_client_group", "client_group_id"),
        comment="How far a client group is with a global action; no row means outstanding",
    )  # fmt: skip
    # With the table: nobody finds it without its triggers.
    with op.lock_tables(OBJECTIVES, ACTIONS, GLOBAL, STATES):
        for _, triggers in TRIGGERS:
            for name in triggers:
                op.run_sql(name, "0240")
    for name, table, referent, column, action in KEYS:
        op.add_foreign_key_online(name, table, referent, [column], ondelete=action)
    op.run_sql("set_global_action_status", "0240")
    op.run_sql("global_action_status", "0240")
    for name in BELOW:
        op.run_sql(name, "0240")
    op.grant_roles(OBJECTIVES, ACTIONS, GLOBAL, STATES, "global_action_status", "set_global_action_status", *FUNCTIONS)


def downgrade() -> None:
    for name in reversed(BELOW):
        op.drop_sql(name, "0240")
    op.drop_sql("global_action_status", "0240")
    op.drop_sql("set_global_action_status", "0240")
    for table, triggers in TRIGGERS[::-1]:
        with op.lock_tables(table, keys=True):
            for name in triggers:
                op.drop_sql(name, "0240")
            op.archive_table(table)
    for name in reversed(FUNCTIONS):
        op.drop_sql(name, "0240")


def _id() -> sa.Column:
    return sa.Column("id", KEY, sa.Identity(always=True), nullable=False)


def _must(name: str, kind: Any, default: str | None = None, comment: str | None = None) -> sa.Column:
    given = None if default is None else sa.text(default)
    return sa.Column(name, kind, nullable=False, server_default=given, comment=comment)
