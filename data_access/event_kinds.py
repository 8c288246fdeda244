"""The kinds of matter that grids report: a list in one file, which a county replaces in its settings or by its own file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from data_access.problems import Problem

_SHIPPED = Path(__file__).with_suffix(".toml")
_OWN = _SHIPPED.parents[1] / "data" / "event_kinds.toml"


class KindsProblem(Problem):
    """The list cannot be used."""


def event_kinds(own: Sequence[str] = ()) -> tuple[str, ...]:
    """The kinds in order: the county's ``own`` of its settings, else of a file. Raises KindsProblem.

    The file is that of ``EVENT_KINDS``, else ``data/event_kinds.toml``, else the one shipped.
    """
    if own:
        return tuple(own)
    given = os.environ.get("EVENT_KINDS")
    path = Path(given) if given else _OWN if _OWN.exists() else _SHIPPED
    try:
        kinds = tomllib.loads(path.read_text("utf-8")).get("kinds")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KindsProblem(f"读不了事项清单 {path.name}：{error}", f"Cannot read {path.name}: {error}") from None
    if not isinstance(kinds, list) or not kinds or not all(isinstance(kind, str) and kind for kind in kinds):
        raise KindsProblem(
            f'事项清单 {path.name} 要写成 kinds = ["安全隐患", …]。', f'{path.name} must hold kinds = ["…", …].'
        )
    return tuple(dict.fromkeys(kinds))
