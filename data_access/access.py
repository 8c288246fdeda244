"""Who looks at the data, and what of them they may see: the one door, through which everything that reads goes.

Every :class:`~data_access.scope.Scope` is a viewer's, and what reads without a scope takes the viewer. A statement is
narrowed to townships by :func:`among`, to those that ``within`` says: asked for, and the viewer's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, literal

from data_access.problems import Problem


class NotAllowed(Problem):
    """What only who may see the whole county can be shown."""

    def __init__(self) -> None:
        super().__init__(
            "这里要比较全部镇街，只给可以查看全部镇街的人看。",
            "This compares all townships: only who may see all of them can see it.",
        )


@dataclass(frozen=True)
class Viewer:
    """What somebody may see: ``townships`` (codes) and ``areas``, of each None for all and an empty set for none.

    ``sees_persons``: also who raised a case. The name says nothing of rights, so that viewers who may see the same are
    equal, and share what is kept; what depends on the name must not be kept.
    """

    name: str = field(default="", compare=False)
    townships: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    sees_persons: bool = True

    def sees(self, area: str) -> bool:
        """Whether anything of an area may be seen."""
        return self.areas is None or area in self.areas

    def require_all(self, areas: Collection[str] = ()) -> None:
        """Raise NotAllowed to whoever may not see all townships and these areas: among some, a place would be untrue."""
        if self.townships is not None or not all(map(self.sees, areas)):
            raise NotAllowed

    def within(self, townships: tuple[str, ...] | None, area: str | None = None) -> tuple[str, ...] | None:
        """Those of the townships asked for (None: all) whose data may be seen, of an area or of what belongs to none."""
        if area is not None and not self.sees(area):
            return ()
        if self.townships is None:
            return townships
        if townships is None:
            return tuple(sorted(self.townships))
        return tuple(code for code in townships if code in self.townships)


def masked(name: str) -> str:
    """A person's name with everything but its first character hidden (王**)."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else name


# Everybody, before people have roles; also commands, which only who runs the server can give
UNRESTRICTED = Viewer()


def among(township_code: ColumnElement[str], codes: Collection[str] | None) -> ColumnElement[bool]:
    """Whether a row is of one of these townships; None: of any."""
    if not codes:
        return literal(1) == (1 if codes is None else 0)
    return township_code.in_(codes)
