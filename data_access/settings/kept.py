"""The settings as they are kept: texts by name, which are no rows of anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, select

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
