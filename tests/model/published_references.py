"""The published tables of distribution/reference, which docker and its engine read references with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

TABLES: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("distribution_reference.json").read_text()
)
"""Inputs and results by table; `source` and `licence` say whose they are."""


def texts() -> list[str]:
    """Every input, good and bad."""
    tables = (TABLES[name] for name in ("valid", "invalid", "names", "split", "parts", "equivalent"))
    rows = [row for table in tables for row in table]
    found = [
        row if isinstance(row, str) else row["text"] if isinstance(row, dict) else row[0] for row in rows
    ]
    return list(dict.fromkeys(found))
