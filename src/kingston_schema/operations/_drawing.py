"""Drawing the schema: tables in columns by what they are about, foreign keys as curves, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

# Where a table stands: what belongs together is together, what is referred to most is in the middle.
PLACES = (
    ("Advisers and products on offer", (
        "profiles", "authentication", "session", "user_page_presence", "available_providers", "available_funds",
        "available_portfolios", "template_portfolio_generations", "available_portfolio_funds",
    )),
    ("About clients", (
        "client_information_items", "client_unmanaged_products", "client_objectives", "client_actions", "global_actions",
        "global_action_states", "networth_statements", "client_group_secrets", "client_liquidity_customization",
        "client_complete_summary", "client_dense_summary", "client_ownership_summary",
    )),
    ("Clients, owners, products", (
        "client_groups", "client_group_product_owners", "product_owners", "product_owner_products", "client_products",
        "portfolios", "portfolio_funds",
    )),
    ("What happens to them", (
        "product_owner_phones", "product_owner_phone_sources", "product_owner_phone_rejects", "ownership_memory",
        "provider_switch_log", "holding_activity_log", "portfolio_valuations", "portfolio_irr_values",
        "portfolio_fund_valuations", "portfolio_fund_irr_values",
    )),
)  # fmt: skip
RECORDS = "Records, settings, monitoring"
WIDTH, GAP, TOP, HEAD, ROW, SPACE = 236, 104, 92, 26, 15, 16
STYLE = """
  svg { font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; }
  .page { fill: #ffffff } .title { font-size: 20px; font-weight: 600; fill: #1d2733 } .note { font-size: 12px; fill: #5a6675 }
  .theme { font-size: 13px; font-weight: 600; fill: #5a6675 } .name { font-size: 12.5px; font-weight: 600; fill: #1d2733 }
  .column { font-size: 11px; fill: #44505e } .new { font-weight: 600; fill: #0b6b58 }
  .legacy { fill: #f3f4f6; stroke: #9aa5b1 } .phase2 { fill: #e3f4ef; stroke: #1c9a80 }
  .link { fill: none; stroke: #8c97a5; stroke-width: 1.1; opacity: .75 } .link2 { stroke: #1c9a80 }
  .end { fill: #8c97a5 } .end2 { fill: #1c9a80 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14181d } .title, .name { fill: #e8edf2 } .note, .theme { fill: #9fabb8 } .column { fill: #b9c3cd }
    .new { fill: #5fd3b6 } .legacy { fill: #222932; stroke: #5b6775 } .phase2 { fill: #12332c; stroke: #2ea78c }
    .link { stroke: #6d7987 } .link2 { stroke: #2ea78c } .end { fill: #6d7987 } .end2 { fill: #2ea78c }
  }
"""


def svg(tables: Sequence[Any], links: Sequence[Any], revision: str) -> str:
    """One self-contained picture."""
    known = {table.name: table for table in tables}
    placed = {name for _, names in PLACES for name in names}
    columns = [(theme, [known[n] for n in names if n in known]) for theme, names in PLACES]
    columns.append((RECORDS, [table for table in tables if table.name not in placed]))
    columns = [(theme, held) for theme, held in columns if held]
    linked = {(link.table, column) for link in links for column in link.column.split(", ")}
    boxes: dict[str, tuple[float, float, list[Any]]] = {}
    bottom = 0.0
    for number, (_, held) in enumerate(columns):
        y = float(TOP)
        for table in held:
            shown = [c for c in table.columns if c.new or (table.name, c.name) in linked]
            boxes[table.name] = (24 + number * (WIDTH + GAP), y, shown)
            y += HEAD + ROW * len(shown) + (4 if shown else 0) + SPACE
        bottom = max(bottom, y)
    width = 48 + len(columns) * (WIDTH + GAP) - GAP
    legacy = sum(table.phase == "legacy" for table in tables)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom + 12:.0f}" role="img" aria-labelledby="t">',
        f'<title id="t">Schema of the portal at revision {escape(revision)}</title><style>{STYLE}</style>',
        f'<rect class="page" width="{width}" height="{bottom + 12:.0f}"/>',
        f'<text class="title" x="24" y="36">Kingston\'s Portal at revision {escape(revision)}</text>',
        f'<text class="note" x="24" y="56">{legacy} tables of Phase 1 (grey), {len(tables) - legacy} of Phase 2 (green);'
        " shown are references and, bold with +, columns that Phase 2 adds to tables of Phase 1</text>",
    ]
    for number, (theme, _) in enumerate(columns):
        parts.append(
            f'<text class="theme" x="{24 + number * (WIDTH + GAP)}" y="{TOP - 12}">{escape(theme)}</text>'
        )
    parts += [_link(link, boxes, known) for link in links]
    parts += [_box(known[name], *place) for name, place in boxes.items()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(table: Any, x: float, y: float, shown: list[Any]) -> str:
    height = HEAD + ROW * len(shown) + (4 if shown else 0)
    kind = "legacy" if table.phase == "legacy" else "phase2"
    lines = [
        f"<g><title>{escape(table.name)}: {len(table.columns)} columns, {escape(table.phase)}. {escape(table.comment)}</title>",
        f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="5"/>',
        f'<text class="name" x="{x + 9}" y="{y + 17}">{escape(table.name)}</text>',
    ]
    for number, column in enumerate(shown):
        style, sign = ("column new", "+ ") if column.new else ("column", "")
        lines.append(
            f'<text class="{style}" x="{x + 9}" y="{y + HEAD + 10 + number * ROW}">{sign}{escape(column.name)}</text>'
        )
    return "\n".join([*lines, "</g>"])


def _link(link: Any, boxes: dict[str, tuple[float, float, list[Any]]], known: dict[str, Any]) -> str:
    """From the column that refers to the head of the table it refers to; a curve on the side that faces it."""
    x1, y1, shown = boxes[link.table]
    x2, y2, _ = boxes[link.target]
    row = next((n for n, c in enumerate(shown) if c.name == link.column.split(", ")[0]), 0)
    start, end = y1 + HEAD + 6 + row * ROW, y2 + 13
    if x1 < x2:
        a, b, pull = x1 + WIDTH, x2, (GAP * 0.55, -GAP * 0.55)
    elif x1 > x2:
        a, b, pull = x1, x2 + WIDTH, (-GAP * 0.55, GAP * 0.55)
    else:
        a, b, pull = x1 + WIDTH, x2 + WIDTH, (46.0, 46.0)
    new = "2" if known[link.table].phase != "legacy" else ""
    title = f"{link.table}.{link.column} → {link.target}, on delete {link.on_delete.lower()}"
    curve = (
        f"M{a:.0f} {start:.0f} C{a + pull[0]:.0f} {start:.0f} {b + pull[1]:.0f} {end:.0f} {b:.0f} {end:.0f}"
    )
    return (
        f'<g><title>{escape(title)}</title><path class="link link{new}" d="{curve}"/>'
        f'<circle class="end{new}" cx="{b:.0f}" cy="{end:.0f}" r="3"/></g>'
    )
