"""SQL scripts, taken apart."""

from __future__ import annotations

import re


def statements(script: str) -> list[str]:
    """Split at semicolons outside quotes, dollar quotes and comments."""
    parts, start, i = [], 0, 0
    while i < len(script):
        rest = script[i:]
        if rest.startswith("--"):
            i = script.find("\n", i)
        elif script[i] in "'\"":
            i = script.index(script[i], i + 1)
        elif found := re.match(r"\$\w*\$", rest):
            i = script.index(found.group(), i + len(found.group())) + len(found.group()) - 1
        elif script[i] == ";":
            parts.append(script[start:i])
            start = i + 1
        i += 1
    return [
        clean for part in parts if (clean := re.sub(r"^--[^\n]*$\n?", "", part, flags=re.MULTILINE).strip())
    ]
