"""Who took which rows away, and when."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pandas as pd
from sqlalchemy import Connection, Engine, insert, select

from data_access.access import Viewer
from data_access.areas import AREAS
from data_access.database import begin_writing
from data_access.exploring.tables import export_log


def record_export(engine: Engine, *, by: str, format: str, question: str, rows: int) -> None:
    """Add an entry; ``question`` in words, without words that were looked for."""
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(
            insert(export_log).values(
                id=str(uuid4()),
                exported_at=datetime.now().replace(microsecond=0),
                exported_by=by[:120],
                format=format,
                question=question[:2000],
                rows=rows,
            )
        )


def exports(connection: Connection, viewer: Viewer, limit: int = 200) -> pd.DataFrame:
    """The latest entries first: exported_at, exported_by, format, question, rows. For who may see all; raises NotAllowed."""
    viewer.require_all(AREAS)
    t = export_log.c
    query = select(t.exported_at, t.exported_by, t.format, t.question, t.rows).order_by(t.exported_at.desc(), t.id)
    return pd.read_sql_query(query.limit(limit), connection)
