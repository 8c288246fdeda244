"""Which rows answer which questions: the facts of every area, and the measures that they add to."""

from __future__ import annotations

from datetime import datetime

from data_access.areas import AREAS
from data_access.areas.cameras.facts import FACTS as _CAMERAS
from data_access.areas.grid.facts import FACTS as _GRID
from data_access.areas.petitions.facts import FACTS as _PETITIONS
from data_access.areas.projects.facts import FACTS as _PROJECTS
from data_access.areas.volunteers.facts import FACTS as _VOLUNTEERS
from data_access.model.facts import FactRows, Span, span_of_moment

_FACTS = {
    "petitions": _PETITIONS,
    "cameras": _CAMERAS,
    "volunteers": _VOLUNTEERS,
    "projects": _PROJECTS,
    "grid": _GRID,
}
_BUILDERS = {name: build for facts in _FACTS.values() for name, build in facts.items()}
# The family of rollups that rows add to
_SOURCE_OF = {name: AREAS[area].source for area, facts in _FACTS.items() for name in facts}
_ANY = span_of_moment(datetime(2000, 1, 1))
_EXAMPLES = {name: build(_ANY) for name, build in _BUILDERS.items()}
_BY_MEASURE = {(_SOURCE_OF[name], measure): name for name, rows in _EXAMPLES.items() for measure in rows.measures}
# What a row adds that is an amount, where the others say whether it counts
AMOUNTS = frozenset[str]().union(*(rows.amounts for rows in _EXAMPLES.values()))


def rows_counted(source: str, measure: str) -> str | None:
    """The name of the rows that add to a measure of a family of rollups; None where only the rollup has it."""
    return _BY_MEASURE.get((source, measure))


def source_of(name: str) -> str:
    """The family of rollups that rows of this name add to."""
    return _SOURCE_OF[name]


def dimensions_of(name: str) -> frozenset[str]:
    """What rows of this name can be told apart by."""
    return frozenset(_EXAMPLES[name].dimensions)


def has_texts(name: str) -> bool:
    """Whether words can be looked for in rows of this name."""
    return bool(_EXAMPLES[name].searched)


def is_stock(name: str) -> bool:
    """Whether the rows are things that are there, rather than things that happen."""
    return _EXAMPLES[name].time is None


def fact_rows(name: str, span: Span) -> FactRows:
    """The rows of this name in the span."""
    return _BUILDERS[name](span)
