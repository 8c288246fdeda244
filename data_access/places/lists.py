"""Villages and their names."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import (
    Engine,
    select,
)

from data_access.access import Viewer, among
from data_access.model.narrowing import in_scope
from data_access.places.boundaries import Level, Outline, outlines
from data_access.places.tables import village
from data_access.scope import Scope


def villages(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The villages of the scope's townships: code, township_code, village (name), by code."""
    with engine.connect() as connection:
        query = select(village.c.code, village.c.township_code, village.c.name.label("village"))
        return pd.read_sql_query(query.where(in_scope(village, scope)).order_by(village.c.code), connection)


def village_names(engine: Engine, viewer: Viewer, codes: tuple[str, ...]) -> dict[str, str]:
    """Village names by code, for the codes that exist and the viewer may see."""
    with engine.connect() as connection:
        query = select(village.c.code, village.c.name)
        query = query.where(village.c.code.in_(codes), among(village.c.township_code, viewer.within(None)))
        return dict(connection.execute(query).all())


def boundaries(engine: Engine, viewer: Viewer, level: Level) -> tuple[Outline, ...]:
    """The outlines of a level that there are, of what the viewer may see, by code."""
    with engine.connect() as connection:
        return outlines(connection, viewer, level)
