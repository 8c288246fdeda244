"""Townships, their villages and grids, what sources call them, and what the county is called."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import MEDIUMTEXT

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

# A file of boundaries that somebody loaded, and which coordinate system its numbers are said to be in.
boundary_file = Table(
    "boundary_file",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    # As data_access.places.coordinates writes it: gcj02, gauss-kruger 120 …
    Column("system", String(40), nullable=False),
    # Whether a person said so, as the file does not.
    Column("is_stated", Boolean, nullable=False),
    Column("loaded_by", String(120), nullable=False),
    Column("loaded_at", DateTime, nullable=False),
)

# Where townships and villages lie. Of several files with one of them the latest holds.
boundary = Table(
    "boundary",
    metadata,
    # No foreign keys: a load of townships or villages may be undone.
    Column("township_code", String(12), primary_key=True),
    # township or village
    Column("level", String(16), primary_key=True),
    Column("code", String(12), primary_key=True),
    # That of boundary_file
    Column("file_number", Integer, primary_key=True, autoincrement=False),
    # JSON: polygons of rings of [longitude, latitude] in degrees of CGCS2000; a polygon's first ring is its outside.
    Column("outline", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
    # A point inside, where its name may stand
    Column("label_lon", Double, nullable=False),
    Column("label_lat", Double, nullable=False),
)

# What the county calls itself, whether these are sample data, and what else it has set (data_access.settings).
county_setting = Table(
    "county_setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
