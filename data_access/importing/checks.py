"""Turns mapped cells into rows of values, and says what is wrong with those that cannot be loaded."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any

from sqlalchemy import SmallInteger, String

from data_access.importing.mapping import Plan, Source
from data_access.importing.places import Places, suggestion
from data_access.importing.problems import FileProblem, RowProblem, ValueProblem
from data_access.importing.tables import Broken, Field, ImportTable, Values
from data_access.importing.values import READ, cleaned, day_and_month, moment, money

# How many rows are looked at to tell what a column means.
_SAMPLE = 1_000


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
    rows = iter(rows)
    top = list(islice(rows, _SAMPLE))
    rows = chain(top, rows)
    plan = replace(plan, sources=_judged(plan.sources, [cells for _, cells in top]))
    defaults = _read_defaults(plan, places)
    fallbacks = _fallbacks(table)
    field_rules = _field_rules(table, places, now + timedelta(days=1))
    good: list[tuple[int, Values]] = []
    problems: list[RowProblem] = []
    rejected = 0
    seen: dict[tuple[object, ...], int] = {}
    for number, cells in rows:
        values, broken = _read_row(cells, plan, defaults, places)
        for name, value in fallbacks:
            # Only where the file has the column: what it does not say stays as it is.
            if name in values and values[name] is None:
                values[name] = value
        table.complete(values)
        told = {field for field, _, _ in broken}
        rules = [
            *field_rules(values),
            *table.rule(values, places),
            *_duplicates(values, table, number, seen),
        ]
        broken += [rule for rule in rules if rule[0] not in told]
        if broken:
            problems += _described(number, cells, plan, broken)
            rejected += 1
        else:
            good.append((number, values))
    return _checked_together(good, problems, rejected, plan, table, places)


def _judged(sources: Sequence[Source], top: Sequence[Sequence[object]]) -> tuple[Source, ...]:
    """The sources with what their first cells prove. Raises FileProblem where these leave a column's meaning open."""
    judged = []
    for index, source in enumerate(sources):
        cells = [row[index] for row in top]
        if source.field.kind in ("moment", "date") and source.order is None and source.form is None:
            source = replace(source, order=_order(source, cells))
        elif source.field.kind == "percent":
            _refuse_fractions(source, cells)
        judged.append(source)
    return tuple(judged)


def _order(source: Source, cells: Iterable[object]) -> str | None:
    """Whether dates whose year is last begin with the month or the day: a number over 12 is a day."""
    numbers = [pair for cell in cells if (pair := day_and_month(cell))]
    if not numbers:
        return None
    proved = {order for order, place in (("dmy", 0), ("mdy", 1)) if any(pair[place] > 12 for pair in numbers)}
    if len(proved) == 1:
        return proved.pop()
    why_zh, why_en = ("两种都有", "there are both") if proved else ("都说得通", "both are possible")
    raise FileProblem(
        f'“{source.label}”里的日期是月在前还是日在前不清楚（{why_zh}），请在映射的 [formats] 里写 order = "mdy"（月在前）或 "dmy"（日在前）。',
        f"Whether the month or the day comes first in the dates of “{source.label}” is not clear ({why_en}); say "
        'order = "mdy" (month first) or "dmy" in [formats] of the mapping.',
    )


def _refuse_fractions(source: Source, cells: Iterable[object]) -> None:
    """Refuse a column of plain numbers up to 1: Excel shows 0.959 as 95.9 %, and no reader tells."""
    numbers = [cell for cell in cells if isinstance(cell, (int, float))]
    if any(0 < number < 1 for number in numbers) and all(number <= 1 for number in numbers):
        raise FileProblem(
            f"“{source.label}”里的数都不大于 1，不清楚 0.5 是 50% 还是 0.5%，请把该列改成带 % 的文字或 0 至 100 的数。",
            f"No number in “{source.label}” exceeds 1: whether 0.5 is 50 % or 0.5 % is not clear; make them text with "
            "% or numbers from 0 to 100.",
        )


def _checked_together(
    good: Sequence[tuple[int, Values]],
    problems: list[RowProblem],
    rejected: int,
    plan: Plan,
    table: ImportTable,
    places: Places,
) -> Checked:
    """Reject those of the good rows that contradict each other or the database."""
    labels = {source.field.name: source.label for source in plan.sources}
    contradictory = set()
    for number, (name, zh, en) in table.together(good, places):
        contradictory.add(number)
        problems.append(RowProblem(number, labels.get(name, name), "", zh, en))
    rows = [values for number, values in good if number not in contradictory]
    return Checked(rows, sorted(problems, key=lambda problem: problem.row), rejected + len(contradictory))


def _fallbacks(table: ImportTable) -> list[tuple[str, Any]]:
    """What stands in the columns that cannot be empty where the file's cell is."""
    return [(column.name, column.default.arg) for column in table.table.c if column.default is not None]  # type: ignore[attr-defined]


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
    if source.missing and cleaned(cell) in source.missing:
        return None
    if field.kind == "money":
        return money(cell, source.unit)
    if field.kind not in ("moment", "date"):
        return READ[field.kind](cell)
    found = moment(cell, source.form, source.order)
    if field.kind == "date":
        return found.date() if isinstance(found, datetime) else found
    if isinstance(found, date) and not isinstance(found, datetime):
        return datetime.combine(found, time(23, 59, 59) if field.whole_day else time.min)
    return found


def _township(word: str, places: Places) -> str:
    code = places.townships.get(word) or places.short_townships.get(word)
    if code is None:
        zh, en = _or_else(word, places.township_names, "请用镇街的名称、代码或别名", "use its name, code or alias")
        raise ValueProblem(f"不是数据库里的镇街，{zh}", f"is no township in the database; {en}")
    return code


def _village(word: str, township_code: str | None, places: Places) -> str | None:
    if township_code is None:
        # The township is named as the problem; nothing can be said of its villages.
        return None
    key = (township_code, word)
    code = places.villages.get(key) or places.short_villages.get(key)
    if code is None:
        names = places.village_names.get(township_code, ())
        zh, en = _or_else(word, names, "请用村居的全称或代码", "use its full name or code")
        raise ValueProblem(
            f"镇街 {township_code} 没有这个村居（或有同名村居），{zh}",
            f"the township {township_code} has no such village (or two of that name); {en}",
        )
    return code


def _or_else(word: str, names: tuple[str, ...], zh: str, en: str) -> tuple[str, str]:
    """What to do about an unknown name: confirm the one that is like it, or follow the advice."""
    alike = suggestion(word, names)
    # Two places of that very name are no suggestion.
    return (f"是否指“{alike}”？", f"is “{alike}” meant?") if alike and alike != word else (zh, en)


def _field_rules(table: ImportTable, places: Places, latest: datetime) -> Callable[[Values], Iterator[Broken]]:
    """What the table's declaration demands of every row, made ready to be asked often."""
    fields = table.fields
    required = [(field.name, field.key) for field in fields if field.required]
    choices = [(field.name, field.key, field.choices) for field in fields if field.choices]
    parents = [
        (field.name, field.key, places.parents.get(field.parent.name, ()))
        for field in fields
        if field.parent is not None
    ]
    latest_of = {"moment": latest, "date": latest.date(), "month": f"{latest:%Y-%m}"}
    ahead = [(field.name, field.key, latest_of[field.kind]) for field in fields if field.not_in_future]
    texts: list[tuple[str, str, int]] = []
    numbers: list[tuple[str, str, float]] = []
    for field in fields:
        column = table.table.c.get(field.key)
        if column is None:
            continue
        if field.most is not None:
            numbers.append((field.name, field.key, field.most))
        elif isinstance(column.type, String) and column.type.length is not None:
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
        for name, key, limit in numbers:
            number = values.get(key)
            if number is not None and number > limit:
                yield name, f"不能大于 {limit}", f"must not exceed {limit}"
        for name, key, words in choices:
            word = values.get(key)
            if word is not None and word not in words:
                yield name, f"应为 {'、'.join(words)} 之一", f"must be one of {', '.join(words)}"
        for name, key, known in parents:
            yield from _unknown_parent(name, values.get(key), values.get("township_code"), known)
        for name, key, last in ahead:
            moment = values.get(key)
            if moment is not None and moment > last:
                yield name, f"晚于导入时间（{latest:%Y-%m-%d}）", f"lies in the future (after {latest:%Y-%m-%d})"
        yield from too_early(values, table)

    return broken_by


def _unknown_parent(
    name: str, code: str | None, township_code: str | None, known: Container[tuple[str | None, str]]
) -> Iterator[Broken]:
    if code is None or (None, code) in known:
        return
    # Where the township is the problem, nothing can be said of what it has.
    if township_code is not None and (township_code, code) not in known:
        yield (
            name,
            "数据库里没有这个编号（在同一镇街内查找），请先导入它",
            "is not in the database (in the same township); import it first",
        )


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
            yield columns[0], f"与第 {first} 行重复", f"is the same as in row {first}"


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
