"""All tables of the case database. Each is made where its subject is; here they are together."""

from __future__ import annotations

import data_access.accounts.tables
import data_access.areas.cameras.tables
import data_access.areas.grid.tables
import data_access.areas.petitions.tables
import data_access.areas.projects.tables
import data_access.areas.reports.tables
import data_access.areas.volunteers.tables
import data_access.audit.tables
import data_access.decisions.tables
import data_access.evaluation.tables
import data_access.exploring.tables
import data_access.model.batches
import data_access.model.data_state
import data_access.notes.tables
import data_access.places.tables
import data_access.registers
import data_access.settings.tables
from data_access.areas import AREAS, REPORTS
from data_access.model.tables import metadata

__all__ = ["FACTS", "ROLLUPS", "metadata"]

_ORDER = [*AREAS, REPORTS.code]
# In the order of the areas, and those that others refer to first
FACTS = tuple(
    sorted(
        (table for table in metadata.sorted_tables if table.info.get("is_fact")),
        key=lambda table: _ORDER.index(table.info["area"]),
    )
)
ROLLUPS = tuple(table for table in metadata.sorted_tables if "to_date" in table.info)
