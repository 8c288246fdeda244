"""Villages and their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd
from sqlalchemy import Engine, select

from data_access.access import Viewer, among
from data_access.model.narrowing import in_scope
from data_access.places.boundaries import Level, Outline, outlines
from data_access.places.tables import township, village
from data_access.scope import Scope


def villages(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The villages of the scope's townships: code, township_code, village (name), by code."""
    with engine.connect() as connection:
        query = select(village.c.code, village.c.township_code, village.c.name.label("village"))
        return pd.read_sql_query(query.where(in_scope(village, scope)).order_by(village.c.code), connection)


def village_names(engine: Engine, viewer: Viewer, codes: tuple[str, ...]) -> dict[str, str]:
    """What villages are called, by code, for the codes that exist and the viewer may see; see :func:`named_apart`."""
    with engine.connect() as connection:
        query = select(village.c.code, village.c.name, township.c.name.label("township"))
        query = query.join(township, township.c.code == village.c.township_code)
        query = query.where(village.c.code.in_(codes), among(village.c.township_code, viewer.within(None)))
        return named_apart(connection.execute(query).all())


def named_apart(villages: Iterable[Sequence[str]]) -> dict[str, str]:
    """What villages (code, name, township's name) are called, by code: of those named alike the township is told, too."""
    found = list(villages)
    many = Counter(name for _, name, _ in found)
    return {code: name if many[name] == 1 else f"{owner} {name}" for code, name, owner in found}


def boundaries(engine: Engine, viewer: Viewer, level: Level) -> tuple[Outline, ...]:
    """The outlines of a level that there are, of what the viewer may see, by code."""
    with engine.connect() as connection:
        return outlines(connection, viewer, level)
