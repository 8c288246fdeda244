"""What is typed or pasted into a table of figures: numbers, and lines of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from data_access.areas.reports.definition import Definition
from data_access.areas.reports.reporting import Number, ReportingProblem
from data_access.importing.problems import ValueProblem
from data_access.importing.values import decimal_number

_LEAST = re.compile(r"^\s*(≥|>=|＞=|不少于|至少)\s*|[余多](?=\D*$)|\s*(以上|\+|＋)\s*$")


@dataclass(frozen=True)
class Line:
    """One number of a table of figures: of a definition, its part (``numerator``) or its whole (``denominator``)."""

    definition: Definition
    part: str

    @property
    def names(self) -> tuple[str, str]:
        """What the line is called (zh, en); of a share both its names."""
        one = self.definition
        if not one.is_ratio:
            return one.name_zh, one.name_en
        of_zh, of_en = (getattr(one, f"{self.part}_{language}") for language in ("zh", "en"))
        return f"{one.name_zh}：{of_zh}", f"{one.name_en}: {of_en}"


def lines_of(definitions: Sequence[Definition]) -> list[Line]:
    """The lines of a table, in order: one for each number."""
    return [
        Line(one, part)
        for one in definitions
        for part in (("denominator", "numerator") if one.is_ratio else ("numerator",))
    ]


def cell_of(line: Line, number: Number | None) -> str:
    """A number as the table shows it: 257.92, ≥900; empty without one."""
    if number is None:
        return ""
    amount = getattr(number, line.part)
    if amount is None:
        return ""
    # All of its digits, and never as a power of ten, which no cell takes
    digits = f"{Decimal(str(amount)):f}".removesuffix(".0")
    return f"≥{digits}" if number.at_least and line.part == "numerator" else digits


def amount_in(cell: object, unit: str) -> tuple[float, bool] | None:
    """The number in a cell, and whether it is a lower bound (900 余人, ≥900); None: the cell is empty.

    Raises ValueProblem for what is no number from 0.
    """
    words = str(cell or "").strip().removesuffix(unit).rstrip()
    told = _LEAST.sub("", words)
    amount = decimal_number(told)
    return None if amount is None else (amount, told != words)


def numbers_in(
    lines: Sequence[Line], cells: Sequence[object]
) -> tuple[dict[str, Number | None], list[ReportingProblem]]:
    """The figures that cells say, by their codes (None: nothing), and what is wrong, a problem a cell."""
    found: dict[str, dict[str, tuple[float, bool] | None]] = {}
    problems: list[ReportingProblem] = []
    faulty: set[str] = set()
    for line, cell in zip(lines, cells, strict=True):
        one = line.definition
        try:
            found.setdefault(one.code, {})[line.part] = amount_in(cell, one.unit)
        except ValueProblem as problem:
            zh, en = line.names
            fault, typed = problem.fault, str(cell)[:20]
            problems.append(
                ReportingProblem(f"{zh}“{typed}”：{fault.zh}。", f"{en}, “{typed}”: {fault.en}."),
            )
            faulty.add(one.code)
    numbers: dict[str, Number | None] = {}
    for code, parts in found.items():
        if code in faulty:
            continue
        of = next(line.definition for line in lines if line.definition.code == code)
        if of.is_ratio and (parts["numerator"] is None) != (parts["denominator"] is None):
            missing = "numerator" if parts["numerator"] is None else "denominator"
            zh, en = Line(of, missing).names
            problems.append(ReportingProblem(f"{zh}还没有填。", f"{en} is missing."))
            continue
        numerator = parts["numerator"]
        whole = parts.get("denominator")
        numbers[code] = Number(numerator[0], whole[0] if whole else None, numerator[1]) if numerator else None
    return numbers, problems


def pasted(lines: Sequence[Line], block: str) -> tuple[dict[int, str], list[ReportingProblem]]:
    """What a block out of a spreadsheet says, by the place of the line, and what of it could not be placed.

    Rows of several cells are found by the name in the first one, the number in the last; rows of one cell are taken in the
    order of the table, and then there must be as many as it has lines.
    """
    rows = [[cell.strip() for cell in row.split("\t")] for row in block.splitlines() if row.strip()]
    if rows and all(len(row) == 1 for row in rows):
        if len(rows) != len(lines):
            return {}, [
                ReportingProblem(
                    f"只有一列数时要和表里一样是 {len(lines)} 行，粘贴的是 {len(rows)} 行；或连同指标名称一起粘贴。",
                    f"A single column needs the {len(lines)} rows of the table, not {len(rows)}; or paste the names as well.",
                )
            ]
        return {place: row[0] for place, row in enumerate(rows)}, []
    places = _places(lines)
    found: dict[int, str] = {}
    problems = []
    for row in rows:
        place = places.get(_folded(row[0]))
        if place is None:
            problems.append(
                ReportingProblem(
                    f"表里没有“{row[0][:20]}”，这一行没有填入。",
                    f"The table has no “{row[0][:20]}”; the row was left out.",
                )
            )
        else:
            found[place] = row[-1]
    return found, problems


def _places(lines: Sequence[Line]) -> Mapping[str, int]:
    return {
        _folded(name): place
        for place, line in enumerate(lines)
        for name in (*line.names, line.names[0].replace("：", ""))
    }


def _folded(name: str) -> str:
    return re.sub(r"\s|[：:]", "", name).casefold()
