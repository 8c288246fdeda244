"""Keeping the boundaries of a file, giving a file another coordinate system, and taking a file back; all on record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, case, delete, distinct, func, insert, select, update

from data_access.access import Viewer
from data_access.importing.places import read_places
from data_access.places.boundaries import Level, Outline, outlines
from data_access.places.boundary_files.checking import Areas, Checked, areas_of
from data_access.places.boundary_files.layers import Layer
from data_access.places.coordinates import SYSTEMS, System, from_cgcs2000, to_cgcs2000
from data_access.places.tables import boundary, boundary_file, township, village
from data_access.settings.changing import Changed, SettingProblem, changing

SUBJECT = "boundaries"
_LONGEST_NAME = 200
_DECIMALS = 6


@dataclass(frozen=True)
class BoundaryFile:
    """A file of boundaries that is kept: its ``system`` (a code of SYSTEMS), and how many ``townships`` and ``villages`` it has."""

    number: int
    name: str
    system: str
    is_stated: bool
    loaded_by: str
    loaded_at: datetime
    townships: int
    villages: int


def boundary_files(connection: Connection, by: Viewer) -> tuple[BoundaryFile, ...]:
    """The files that are kept, the latest first. Raises NotAllowed."""
    by.require("administer")
    f, t = boundary_file.c, boundary.c
    levels = [func.sum(case((t.level == level, 1), else_=0)) for level in ("township", "village")]
    columns = (f.number, f.name, f.system, f.is_stated, f.loaded_by, f.loaded_at)
    query = select(*columns, *levels).join(boundary, t.file_number == f.number).group_by(*columns)
    return tuple(BoundaryFile(*row) for row in connection.execute(query.order_by(f.number.desc())))


def boundary_counts(connection: Connection, by: Viewer) -> tuple[int, int]:
    """How many townships and how many villages of the registers have a boundary. Raises NotAllowed."""
    by.require("administer")
    of_townships, of_villages = (
        connection.scalar(
            select(func.count(distinct(boundary.c.code)))
            .join(place, place.c.code == boundary.c.code)
            .where(boundary.c.level == level)
        )
        or 0
        for level, place in (("township", township), ("village", village))
    )
    return of_townships, of_villages


def areas_in(connection: Connection, by: Viewer, layer: Layer, level: Level | None = None) -> Areas:
    """Whose the areas of a layer are. Raises NotAllowed, BoundaryProblem."""
    by.require("administer")
    names: dict[str, str] = dict(connection.execute(select(village.c.code, village.c.name)).all())
    return areas_of(layer, read_places(connection), names, level)


def known_outlines(connection: Connection, by: Viewer) -> tuple[Outline, ...]:
    """The outlines of both levels that the county has, which a file is checked against. Raises NotAllowed."""
    by.require("administer")
    return (*outlines(connection, by, "township"), *outlines(connection, by, "village"))


def keep_boundaries(engine: Engine, by: Viewer, checked: Checked, name: str, seen: int | None = None) -> Changed | None:
    """Keep the boundaries of a file of that name that was checked; they hold from now on.

    ``seen``: as :func:`~data_access.settings.changing.changing` takes it: what they were checked against may have changed
    since. Raises SettingProblem for what was refused, Overtaken, NotAllowed.
    """
    if checked.is_refused:
        raise SettingProblem("这份边界没有通过检查，没有装入。", "These boundaries did not pass, and were not loaded.")
    with changing(engine, by, SUBJECT, seen) as change:
        connection = change.connection
        number = (connection.scalar(select(func.max(boundary_file.c.number))) or 0) + 1
        file = {
            "name": name[:_LONGEST_NAME],
            "system": checked.system.code,
            "is_stated": checked.is_stated,
            "loaded_by": by.name[:120],
            "loaded_at": datetime.now().replace(microsecond=0),
        }
        connection.execute(insert(boundary_file).values(number=number, **file))
        rows = [
            {
                "township_code": one.township_code,
                "level": checked.level,
                "code": one.code,
                "file_number": number,
                "outline": json.dumps(one.polygons, separators=(",", ":")),
                "label_lon": one.label[0],
                "label_lat": one.label[1],
            }
            for one in checked.outlines
        ]
        connection.execute(insert(boundary), rows)
        return change.told({}, _told(file, checked.level, len(rows)))


def withdraw_boundaries(engine: Engine, by: Viewer, number: int, seen: int | None = None) -> Changed | None:
    """Take a file back: what files before it said of its places holds again. None: it is not there. Raises Overtaken, NotAllowed."""
    with changing(engine, by, SUBJECT, seen) as change:
        file = _file(change.connection, number)
        if file is None:
            return None
        held = _levels(change.connection, number)
        change.connection.execute(delete(boundary).where(boundary.c.file_number == number))
        change.connection.execute(delete(boundary_file).where(boundary_file.c.number == number))
        return change.told(_told(file, *held), {})


def restate_system(engine: Engine, by: Viewer, number: int, code: str, seen: int | None = None) -> Changed | None:
    """Say that a file's coordinates are in another system of the same kind of numbers: its boundaries move. None: nothing is new.

    They are what they were in the file, to a tenth of a metre, read anew. Raises SettingProblem, Overtaken, NotAllowed.
    """
    with changing(engine, by, SUBJECT, seen) as change:
        file = _file(change.connection, number)
        if file is None or code not in {one.code for one in other_systems(file["system"])}:
            raise SettingProblem(
                "这份边界不能改成这个坐标系，请撤回后重新导入。",
                "These boundaries cannot be read in that system: withdraw them and load the file again.",
            )
        was, now = SYSTEMS[file["system"]], SYSTEMS[code]
        if was == now:
            return None

        def moved(places: Iterable[Sequence[float]]) -> list[list[float]]:
            numbers = np.array(list(places), dtype=np.float64)
            found = to_cgcs2000(*from_cgcs2000(numbers[:, 0], numbers[:, 1], was), now)
            return [[float(x), float(y)] for x, y in np.round(np.column_stack(found), _DECIMALS)]

        t = boundary.c
        query = select(t.township_code, t.level, t.code, t.outline, t.label_lon, t.label_lat)
        for row in change.connection.execute(query.where(t.file_number == number)).all():
            outline = [[moved(ring) for ring in polygon] for polygon in json.loads(row.outline)]
            ((longitude, latitude),) = moved([(row.label_lon, row.label_lat)])
            is_it = (t.file_number == number) & (t.level == row.level) & (t.code == row.code)
            change.connection.execute(
                update(boundary)
                .where(is_it)
                .values(outline=json.dumps(outline, separators=(",", ":")), label_lon=longitude, label_lat=latitude)
            )
        change.connection.execute(
            update(boundary_file).where(boundary_file.c.number == number).values(system=code, is_stated=True)
        )
        said = {"file": file["name"]}
        return change.told({**said, "system": was.code}, {**said, "system": now.code})


def other_systems(code: str) -> tuple[System, ...]:
    """The systems that a file in one may be said to be in instead: those whose numbers look the same and lie near by."""
    present = SYSTEMS[code]
    return tuple(one for one in SYSTEMS.values() if (one.family, one.epsg) == (present.family, present.epsg))


def _file(connection: Connection, number: int) -> dict[str, Any] | None:
    found = connection.execute(select(boundary_file).where(boundary_file.c.number == number))
    return next((dict(row) for row in found.mappings()), None)


def _levels(connection: Connection, number: int) -> tuple[Level, int]:
    t = boundary.c
    row = connection.execute(select(t.level, func.count()).where(t.file_number == number).group_by(t.level)).one()
    level: Level = row[0]
    return level, int(row[1])


def _told(file: Mapping[str, Any], level: Level, count: int) -> dict[str, Any]:
    counted = "township_boundaries" if level == "township" else "village_boundaries"
    return {"file": file["name"], "system": file["system"], counted: count}
