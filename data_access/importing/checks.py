"""Turns mapped cells into rows of values, and says what is wrong with those that cannot be loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import SmallInteger, String

from data_access.importing.mapping import Plan, Source
from data_access.importing.places import Places
from data_access.importing.problems import FileProblem, RowProblem, ValueProblem
from data_access.importing.tables import Broken, Field, ImportTable, Values
from data_access.importing.values import READ, cleaned, moment


@dataclass(frozen=True)
class Checked:
    """``rows``: the good rows. ``problems``: what is wrong with the ``rejected`` ones, in the file's order."""

    rows: list[Values]
    problems: list[RowProblem]
    rejected: int

    @property
    def read(self) -> int:
        """Number of rows in the file."""
        return len(self.rows) + self.rejected


def check(
    rows: Iterable[tuple[int, Sequence[object]]], plan: Plan, table: ImportTable, places: Places, now: datetime
) -> Checked:
    """Check each row: types, places, required values, lengths, order of moments, duplicates in the file.

    ``now`` is the local time of the import; moments that cannot lie ahead may be a day later, since a
    server's clock may be in another zone.
    """
    defaults = _read_defaults(plan, places)
    field_rules = _field_rules(table, now + timedelta(days=1))
    good: list[Values] = []
    problems: list[RowProblem] = []
    rejected = 0
    seen: dict[tuple[object, ...], int] = {}
    for number, cells in rows:
        values, broken = _read_row(cells, plan, defaults, places)
        table.complete(values)
        told = {field for field, _, _ in broken}
        rules = [
            *field_rules(values),
            *table.rule(values, places),
            *_duplicates(values, table, number, seen),
        ]
        broken += [rule for rule in rules if rule[0] not in told]
        if broken:
            rejected += 1
            problems += _described(number, cells, plan, broken)
        else:
            good.append(values)
    return Checked(good, problems, rejected)


def _read_defaults(plan: Plan, places: Places) -> dict[str, Any]:
    """The defaults by field. Raises FileProblem: what is wrong with one is wrong with every row."""
    defaults = {}
    for source in plan.sources:
        field = source.field
        try:
            value = _read(source.default, source)
            # A village is looked up in each row's township.
            defaults[field.name] = _township(value, places) if value and field.kind == "township" else value
        except ValueProblem as problem:
            shown = _shown(cleaned(source.default), field)
            raise FileProblem(
                f"{field.name} 的默认值“{shown}”不能用：{problem.zh}。",
                f"The default “{shown}” for {field.name} cannot be used: {problem.en}.",
            ) from None
    return defaults


def _read_row(
    cells: Sequence[object], plan: Plan, defaults: dict[str, Any], places: Places
) -> tuple[Values, list[Broken]]:
    """The row's values by database column, and the fields whose cells mean nothing."""
    values: Values = {}
    broken: list[Broken] = []
    for source, cell in zip(plan.sources, cells, strict=True):
        field = source.field
        try:
            value = _read(cell, source)
            if value is None:
                value = defaults[field.name]
            elif field.kind == "township":
                value = _township(value, places)
            if value is not None and field.kind == "village":
                value = _village(value, values.get("township_code"), places)
        except ValueProblem as problem:
            value = None
            broken.append((field.name, problem.zh, problem.en))
        values[field.key] = value
    return values, broken


def _read(cell: object, source: Source) -> Any:
    field = source.field
    if field.kind != "moment":
        return READ[field.kind](cell)
    found = moment(cell, source.form)
    if isinstance(found, date) and not isinstance(found, datetime):
        return datetime.combine(found, time(23, 59, 59) if field.whole_day else time.min)
    return found


def _township(word: str, places: Places) -> str:
    if word not in places.townships:
        raise ValueProblem(
            "不是数据库里的镇街，请用镇街的名称、代码或别名",
            "is no township in the database; use a township's name, code or alias",
        )
    return places.townships[word]


def _village(word: str, township_code: str | None, places: Places) -> str | None:
    if township_code is None:
        # The township is named as the problem; nothing can be said of its villages.
        return None
    if (township_code, word) not in places.villages:
        raise ValueProblem(
            f"镇街 {township_code} 没有这个村居（或有同名村居），请用村居的全称或代码",
            f"the township {township_code} has no such village (or two of that name); use its full name or code",
        )
    return places.villages[township_code, word]


def _field_rules(table: ImportTable, latest: datetime) -> Callable[[Values], Iterator[Broken]]:
    """What the table's declaration demands of every row, made ready to be asked often."""
    fields = table.fields
    required = [(field.name, field.key) for field in fields if field.required]
    moments = [field for field in fields if field.kind == "moment"]
    texts: list[tuple[str, str, int]] = []
    numbers: list[tuple[str, str, int]] = []
    for field in fields:
        column = table.table.c.get(field.key)
        if column is None:
            continue
        if isinstance(column.type, String) and column.type.length is not None:
            texts.append((field.name, field.key, column.type.length))
        elif field.kind == "number":
            numbers.append((field.name, field.key, 2**15 - 1 if isinstance(column.type, SmallInteger) else 2**31 - 1))

    def broken_by(values: Values) -> Iterator[Broken]:
        for name, key in required:
            if values.get(key) is None:
                yield name, "必填", "is required"
        for name, key, most in texts:
            text = values.get(key)
            if text is not None and len(text) > most:
                yield name, f"有 {len(text)} 个字，最多 {most} 个字", f"has {len(text)} characters; {most} at most"
        for name, key, most in numbers:
            number = values.get(key)
            if number is not None and number > most:
                yield name, f"不能大于 {most}", f"must not exceed {most}"
        for field in moments:
            moment = values.get(field.name)
            if moment is not None and field.not_in_future and moment > latest:
                yield field.name, f"晚于导入时间（{latest:%Y-%m-%d}）", f"lies in the future (after {latest:%Y-%m-%d})"
        yield from too_early(values, table)

    return broken_by


def too_early(values: Values, table: ImportTable) -> Iterator[Broken]:
    """The moments of a row that precede the one they must follow."""
    for field in table.fields:
        if field.not_before is None:
            continue
        moment, start = values.get(field.name), values.get(field.not_before)
        if moment is not None and start is not None and moment < start:
            yield field.name, f"早于 {field.not_before}（{start}）", f"is before {field.not_before} ({start})"


def _duplicates(
    values: Values, table: ImportTable, number: int, seen: dict[tuple[object, ...], int]
) -> Iterator[Broken]:
    for columns in (table.identity, *((name,) for name in table.unique)):
        key = (columns, *(values.get(column) for column in columns))
        if None in key:
            continue
        first = seen.setdefault(key, number)
        if first != number:
            yield columns[-1], f"与第 {first} 行重复", f"is the same as in row {first}"


def _described(number: int, cells: Sequence[object], plan: Plan, broken: Sequence[Broken]) -> Iterator[RowProblem]:
    sources = {source.field.name: (source, cell) for source, cell in zip(plan.sources, cells, strict=True)}
    for name, zh, en in broken:
        if name in sources:
            source, cell = sources[name]
            shown = cleaned(cell) or cleaned(source.default)
            yield RowProblem(number, source.label, _shown(shown, source.field), zh, en)
        else:
            yield RowProblem(number, name, "", zh, en)


def _shown(value: str, field: Field) -> str:
    """The value as messages may repeat it: its first character if it is private, its beginning if it is long."""
    if field.private:
        return value[:1] + "**" if value else ""
    return value if len(value) <= 40 else value[:40] + "…"
