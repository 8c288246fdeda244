"""Who looks at the data, and what of them they may see: the one door, through which everything that reads goes.

Every :class:`~data_access.scope.Scope` is a viewer's, and what reads without a scope takes the viewer. A statement is
narrowed to townships by :func:`among`, to those that ``within`` says: asked for, and the viewer's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, literal

from data_access.problems import Problem

# What an account may do beside looking at figures, and what that is called. A role is a set of these.
RIGHTS: Mapping[str, tuple[str, str]] = {
    "cases": ("查看诉求和事件的清单、卡片", "see lists and cards of cases and events"),
    "persons": ("查看诉求人、电话、诉求内容和位置", "see petitioners, telephones, what cases say and where they are"),
    "export": ("导出清单", "export lists"),
    "import": ("导入数据，撤销自己导入的批次", "import data, and undo own batches"),
    "report": ("填报本镇街的指标", "report the figures of own townships"),
    "undo_any": ("撤销任何人导入的批次", "undo anybody's batches"),
    "evaluate": (
        "记加减分、剔除诉求、定版，退回填报",
        "enter points, take cases out, freeze months, return figures reported",
    ),
    "decide": ("立督办、延期、判定、撤销", "take decisions into supervision, extend, judge and withdraw them"),
    "administer": (
        "管理账号、墙屏密钥和设置，查看操作记录",
        "manage accounts, wall keys and settings, and see the audit log",
    ),
}
# The areas whose rows are about what single people said; of others every viewer may see the rows.
CASE_AREAS = frozenset({"petitions", "grid"})


class NotAllowed(Problem):
    """Who asks may not see or do this."""


def _whole_county_alone() -> NotAllowed:
    return NotAllowed(
        "这里要比较全部镇街，只给可以查看全部镇街的人看。",
        "This compares all townships: only who may see all of them can see it.",
    )


@dataclass(frozen=True)
class Viewer:
    """What somebody may see and do: ``townships`` (codes) and ``areas``, of each None for all and an empty set for none.

    ``case_townships`` and ``case_departments``: those whose cases may be seen, by who may see cases, None for all.
    ``departments``: what rows of cases are narrowed to (:meth:`of_cases`). ``rights``: of :data:`RIGHTS`; None for all.
    The ``name`` and the ``address`` of the computer say nothing of rights, so that viewers who may see the same are equal,
    and share what is kept; what depends on them must not be kept.
    """

    name: str = field(default="", compare=False)
    address: str = field(default="", compare=False)
    townships: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    case_townships: frozenset[str] | None = None
    case_departments: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    rights: frozenset[str] | None = None

    def may(self, right: str) -> bool:
        """Whether they have a right, of those in RIGHTS."""
        return self.rights is None or right in self.rights

    @property
    def is_signed_in(self) -> bool:
        """Whether the name is a person's, who signed in; else it is the computer's, or empty."""
        return self.rights is not None or self.name not in ("", self.address)

    def require(self, right: str) -> None:
        """Raise NotAllowed to whoever has not the right."""
        if not self.may(right):
            zh, en = RIGHTS[right]
            raise NotAllowed(
                f"您的账号没有这项权限：{zh}。请联系管理员。",
                f"Your account may not do this: {en}. Ask your administrator.",
            )

    def of_cases(self) -> Viewer:
        """What they may see where rows are single cases: at most those of their own townships and departments."""
        if not self.may("cases"):
            return replace(self, townships=frozenset())
        townships = self.townships
        if self.case_townships is not None:
            townships = frozenset(self.within(tuple(sorted(self.case_townships))) or ())
        return replace(self, townships=townships, departments=self.case_departments)

    def sees(self, area: str) -> bool:
        """Whether anything of an area may be seen."""
        return self.areas is None or area in self.areas

    def require_case(self, township_code: str, department: str | None) -> None:
        """Raise NotAllowed to whoever may not see single cases of the township and department (None: of none, or unknown)."""
        own = self.of_cases()
        is_of_department = own.departments is None or department in own.departments
        if not is_of_department or not own.within((township_code,), "petitions"):
            raise NotAllowed("这件诉求不在您可查看的范围内。", "This case is not among those that you may see.")

    def require_all(self, areas: Collection[str] = ()) -> None:
        """Raise NotAllowed to whoever may not see all townships and these areas: among some, a place would be untrue."""
        if self.townships is not None or not all(map(self.sees, areas)):
            raise _whole_county_alone()

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


def among(of: ColumnElement[Any], names: Collection[str] | None) -> ColumnElement[bool]:
    """Whether a row is of one of these townships (codes), or departments; None: of any."""
    if not names:
        return literal(1) == (1 if names is None else 0)
    return of.in_(names)
