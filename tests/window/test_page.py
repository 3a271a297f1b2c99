"""The reader of pages sees what differs."""

from __future__ import annotations

import pytest

from window.page import blocks, missing

PAGE = """# Page
## Run it
```bash
kingston upgrade phase_1   # asks
```

```text
done 0.15 s
```

## A refusal
```text
said by nobody here
```
"""


def test_a_text_block_belongs_to_the_command_right_above(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    (block,) = blocks(path)
    assert (block.section, block.commands, block.expected) == (
        "Run it",
        [["kingston", "upgrade", "phase_1"]],
        ["done 0.15 s"],
    )


@pytest.mark.parametrize(
    ("expected", "said", "absent"),
    [
        (["done  phase_1  0.15 s"], "done phase_1 12 s", []),
        (["done phase_1"], "done phase_2x", ["done phase_1"]),
        (["a", "b"], "b\na", ["b"]),
        (["warning: 19 pairs …"], "x\n  warning: 3 pairs of product", []),
        (["warning: pairs"], "warning: pairs and more", ["warning: pairs"]),
        (["…", "next: b"], "a\nnext: b", []),
    ],
)
def test_lines_are_looked_for_in_order(expected, said, absent):
    assert missing(expected, said) == absent
