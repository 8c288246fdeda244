"""The settings as they are kept: texts by name, which are no rows of anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select

from data_access.areas.grid.bands import Band
from data_access.evaluation.tables import evaluation_scheme
from data_access.model.target import Target, Targets
from data_access.places.tables import county_setting
from data_access.settings.tables import indicator_target


def kept_settings(connection: Connection) -> dict[str, str]:
    """Every setting by its name."""
    return dict(connection.execute(select(county_setting.c.name, county_setting.c.value)).all())


def parsed(settings: Mapping[str, str], name: str) -> Any:
    """What a setting holds; None where it is not set, or cannot be read."""
    try:
        return json.loads(settings.get(name, "null"))
    except ValueError:
        return None


def leagues(settings: Mapping[str, str]) -> dict[str, str]:
    """The leagues that the county has put townships in, by township code; the others are in the league of their kind."""
    found = parsed(settings, "leagues")
    return {str(code): str(name) for code, name in found.items()} if isinstance(found, dict) else {}


def own_event_kinds(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The county's own kinds of events in their order; empty where it has set none."""
    found = parsed(settings, "event_kinds")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def persons_months(settings: Mapping[str, str]) -> int | None:
    """For how many months after closing who raised a case is kept; None: that is not set."""
    found = parsed(settings, "persons_months")
    return found if isinstance(found, int) and found > 0 else None


def grid_bands(settings: Mapping[str, str]) -> tuple[Band, ...]:
    """The bands that grids are put in, from the best one; empty where the county has set none."""
    found = parsed(settings, "grid_bands")
    return tuple(Band(str(name), float(least), float(yuan)) for name, least, yuan in found or ())


@dataclass(frozen=True)
class Rotation:
    """What the wall rotates where its address does not say: ``show`` (empty: everything), ``every`` so many seconds."""

    show: tuple[str, ...] = ()
    every: float = 20


def rotation(settings: Mapping[str, str]) -> Rotation:
    """The county's rotation, else that of the program."""
    found = parsed(settings, "rotation")
    if not isinstance(found, dict):
        return Rotation()
    return Rotation(tuple(map(str, found.get("show", ()))), float(found.get("every", Rotation.every)))


def kept_targets(connection: Connection) -> Targets:
    """Every target that the county has set."""
    t = indicator_target.c
    rows = connection.execute(select(t.indicator, t.township_code, t.first_month, t.value, t.document))
    return Targets(tuple(Target(*row) for row in rows.all()))


def kept_schemes(engine: Engine) -> dict[str, str]:
    """The county's own evaluation schemes, as TOML by their ids."""
    t = evaluation_scheme.c
    with engine.connect() as connection:
        return dict(connection.execute(select(t.id, t.content)).all())
