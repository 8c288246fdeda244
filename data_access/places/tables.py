"""Townships, their villages and grids, what sources call them, and what the county is called."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from data_access.model.tables import code, metadata, township_code, village_code

township = Table(
    "township",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    # 街道 or 镇 (or 乡): the league it is compared in
    Column("kind", String(64), nullable=False),
    Column("residents", Integer),
    # Place in the schematic tile map; townships without one are laid out in code order.
    Column("tile_row", SmallInteger),
    Column("tile_column", SmallInteger),
)

township_alias = Table(
    "township_alias",
    metadata,
    Column("alias", String(64), primary_key=True),
    township_code(primary_key=False),
)

village = Table(
    "village",
    metadata,
    Column("code", String(12), primary_key=True),
    township_code(primary_key=False),
    Column("name", String(64), nullable=False),
    Index(None, "township_code"),
)

# What sources call a village, as somebody confirmed it; other words hold in other townships.
village_alias = Table(
    "village_alias",
    metadata,
    township_code(),
    Column("alias", String(64), primary_key=True),
    Column("village_code", String(12), ForeignKey("village.code"), nullable=False),
)

grid = Table(
    "grid",
    metadata,
    township_code(),
    code("grid_code", primary_key=True),
    Column("name", String(64)),
    # 网格 or 微网格
    Column("kind", String(16), nullable=False),
    code("parent_code"),
    village_code(),
    # Missing where the source does not tell them, as the other amounts of registers and activities
    Column("workers", Integer),
    Column("opened_on", Date),
    Column("closed_on", Date),
    info={"area": "grid"},
)

# What the county calls itself, whether these are sample data, and what else it has set (data_access.settings).
county_setting = Table(
    "county_setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
