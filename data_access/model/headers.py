"""What other systems call our columns: the vocabulary that is shipped."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

# Table (``every``: in all that have the column) -> field -> headers, the best first
Headers = Mapping[str, Mapping[str, tuple[str, ...]]]

EVERY = "every"


@cache
def shipped_headers() -> Headers:
    """Those of ``headers.toml``."""
    return read_headers(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def read_headers(words: str) -> Headers:
    """The headers that a TOML text lists. Raises ValueError for what is no such list."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for table, fields in tomllib.loads(words).items():
        if not isinstance(fields, dict):
            raise ValueError(table)
        for name, titles in fields.items():
            if not isinstance(titles, list) or not all(isinstance(title, str) and title.strip() for title in titles):
                raise ValueError(f"{table}.{name}")
            found.setdefault(table, {})[name] = tuple(titles)
    return found


def headers_in(vocabulary: Headers, table: str, field: str) -> tuple[str, ...]:
    """What the vocabulary has for a field of a table."""
    own = vocabulary.get(table, {}).get(field)
    return vocabulary.get(EVERY, {}).get(field, ()) if own is None else own
