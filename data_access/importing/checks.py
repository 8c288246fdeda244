"""Turns mapped cells into rows of values, and says what is wrong with those that cannot be loaded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import compress, zip_longest
from typing import Any, Literal

from sqlalchemy import SmallInteger, String

from data_access.importing.mapping import Plan, Source
from data_access.importing.places import Places, suggestion
from data_access.importing.problems import FileProblem, RowProblem, ValueProblem
from data_access.importing.titles import has_no_year, with_year
from data_access.importing.values import (
    BROKEN,
    READ,
    cleaned,
    common_moments,
    day,
    day_or_month,
    hours,
    is_in_month_of,
    moment,
    money,
    month,
    orders,
    precision,
    whole_number,
)
from data_access.importing.words import UnknownWord, Words, says_not_yet
from data_access.model.import_table import DATES, Columns, Fault, Field, ImportTable, Values
from data_access.problems import Rule

# A row as a reader gives it: its number and its cells.
Row = tuple[int, Sequence[Any]]

_PLAIN_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# How many rows are looked at to tell what a column means.
SAMPLE = 1_000
# How many unknown words of places are collected; a longer one is no name.
_MOST_PLACES = 10_000
_LONGEST_PLACE = 64


@dataclass(frozen=True)
class UnknownPlace:
    """A word that ``rows`` rows have where a place belongs, and that is none (in the township, for a village).

    ``suggestion`` is the official name that is like it.
    """

    kind: Literal["township", "village"]
    township_code: str | None
    word: str
    suggestion: str | None
    rows: int


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be loaded, as it stood in the file, and why."""

    number: int
    cells: Sequence[Any]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True)
class Chunk:
    """Checked rows. The good ones are in ``columns``, all as long as ``rows``, which has them as they stood.

    ``made`` are the columns that the file lacks, where None says nothing. ``rejected`` are the others; of ``repeated``
    further ones, each equals a row before it.
    """

    rows: list[Row]
    columns: Columns
    made: frozenset[str]
    rejected: list[Rejected]
    repeated: int = 0

    def values(self, index: int) -> Values:
        """What is said of the good row with this index."""
        row = {name: column[index] for name, column in self.columns.items()}
        for name in self.made:
            if row[name] is None:
                del row[name]
        return row


_NO_TOWNSHIP = Rule(
    "no-township",
    "不是数据库里的镇街，请用镇街的名称、代码或别名",
    "is no township in the database; use its name, code or alias",
)
_LIKE_TOWNSHIP = Rule(
    "like-township", "不是数据库里的镇街，是否指“{like}”？", "is no township in the database; is “{like}” meant?"
)
_NO_VILLAGE = Rule(
    "no-village",
    "{township}没有这个村居（或有同名村居），请用村居的全称或代码",
    "{township} has no such village (or two of that name); use its full name or code",
)
_LIKE_VILLAGE = Rule(
    "like-village",
    "{township}没有这个村居（或有同名村居），是否指“{like}”？",
    "{township} has no such village (or two of that name); is “{like}” meant?",
)
_REQUIRED = Rule("required", "必填", "is required")
TOO_LONG = Rule("too-long", "有 {length} 个字，最多 {most} 个字", "has {length} characters; {most} at most")
_TOO_LARGE = Rule("too-large", "不能大于 {limit}", "must not exceed {limit}")
_ONE_OF = Rule("one-of", "应为 {words} 之一", "must be one of {words}")
_NO_PARENT = Rule(
    "no-parent",
    "数据库里没有这个编号或名称（在同一镇街内查找），请先导入它",
    "is no number or name in the database (in the same township); import it first",
)
_IN_FUTURE = Rule("in-future", "晚于导入时间（{latest}）", "lies in the future (after {latest})")
_TOO_EARLY = Rule("too-early", "早于{field}（{start}）", "is before {field} ({start})")
_DUPLICATE = Rule("duplicate", "与第 {row} 行重复", "is the same as in row {row}")
EQUAL_ROW = Rule(
    "equal-row",
    "没有编号，又与第 {row} 行相同：须先说明是两件，还是同一件写了两遍",
    "has no number and equals row {row}: say first whether these are two, or one written twice",
)


# What stands for no township where a row may be without one
_WHOLE_COUNTY = frozenset(
    {"全县", "全市", "全区", "县级", "市级", "区级", "县", "市", "区", "全部", "全部镇街", "各镇街"}
)

ORDER_HINT = '[formats]\norder = "mdy"    # 月在前；日在前写 "dmy"，两位的年在前写 "ymd"'


class Checker:
    """Checks a file's rows, a chunk at a time: types, places, required values, lengths, order of moments, duplicates.

    ``top`` are its first rows, which show what its columns mean, ``words`` those that are known of columns that have few.
    ``now`` is the local time of the import; moments that
    cannot lie ahead may be a day later, since a server's clock may be in another zone. Raises FileProblem where the
    meaning of a column or a default is not clear.
    """

    def __init__(
        self,
        top: Sequence[Row],
        plan: Plan,
        table: ImportTable,
        places: Places,
        now: datetime,
        words: Mapping[str, AbstractSet[str]] | None = None,
    ) -> None:
        self._sources = _judged(plan.sources, _by_source(top, plan.sources))
        self._table = table
        self._places = places
        self._readers = [_reader_of(source, places, table) for source in self._sources]
        self._explained = {source.field.name: frozenset(source.meanings) for source in self._sources}
        self._words = Words(table, words or {})
        self._numbered = plan.numbered
        self._equal: Counter[str] = Counter()
        self._whole: set[str] = set()
        self._village_of = lru_cache(maxsize=4096)(lambda word, township: _village(word, township, places))
        self._defaults = _read_defaults(self._sources, places, table)
        self._fallbacks = _fallbacks(table)
        self._broken_by = _field_rules(table, places, now + timedelta(days=1))
        self._labels = {ours.name: ours.label for ours in table.fields}
        self._labels |= {source.field.name: source.label for source in self._sources}
        # Columns that tell rows apart -> their values -> the first row that has them
        self._seen: dict[tuple[str, ...], dict[object, int]] = {
            columns: {} for columns in (table.identity, *((name,) for name in table.unique))
        }
        self._unknown: Counter[_NoPlace] = Counter()
        # How many dates could not be read because they have no year
        self.undated = 0

    def check(self, rows: list[Row]) -> Chunk:
        """Check the next rows. Each is judged by itself and by those before it."""
        cells = _by_source(rows, self._sources)
        columns: Columns = {}
        unread: dict[int, list[Fault]] = {}
        for source, read, column in zip(self._sources, self._readers, cells, strict=True):
            field = source.field
            values, problems = _column(source, read, column)
            # A broken character makes no word.
            refused = [cell for cell in map(column.__getitem__, problems) if BROKEN not in cleaned(cell)]
            self._words.refused(field, refused)
            if field.kind in DATES:
                self.undated += sum(has_no_year(cell, is_month=field.kind == "month") for cell in refused)
            default = self._defaults[field.name]
            if default is not None and field.name not in self._table.made:
                values = [default if value is None else value for value in values]
                for index in problems:
                    values[index] = None
            if field.kind == "village":
                # The township is named as the problem where it is missing; nothing can be said of its villages.
                townships = columns.get("township_code", [None] * len(rows))
                values, not_there = _each(self._village_of, values, townships)
                problems |= not_there
            columns[field.key] = values
            for index, problem in problems.items():
                unread.setdefault(index, []).append((field.name, problem.fault))
                if isinstance(problem, _NoSuchPlace):
                    self._note(problem.place)
            if field.choices:
                self._words.refused(field, (word for word in values if word is not None and word not in field.choices))
            elif field.kind == "text":
                self._words.read(field, values, self._explained[field.name])
        self._compare_coarsely(columns, cells)
        self._identify_parents(columns)
        given = frozenset(columns)
        for name, value in self._fallbacks:
            # Only where the file has the column: what it does not say stays as it is.
            if name in given:
                columns[name] = [value if found is None else found for found in columns[name]]
        self._table.complete(columns)
        for name, otherwise in self._table.made.items():
            value = self._defaults.get(name) or otherwise
            columns[name] = [value if found is None else found for found in columns[name]]
        made = frozenset(columns) - given
        repeated = 0
        if self._numbered:
            numbers, is_first = self._numbers(
                columns, [(index in unread) * number for index, (number, _) in enumerate(rows)]
            )
            columns[self._table.identity[0]] = numbers
            if self._numbered == "once" and not all(is_first):
                columns = {name: list(compress(column, is_first)) for name, column in columns.items()}
                rows = list(compress(rows, is_first))
                unread = {sum(is_first[:index]): found for index, found in unread.items() if is_first[index]}
                repeated = is_first.count(False)
        chunk = Chunk(rows, columns, made, [], repeated)
        broken: dict[int, list[Fault]] = {index: list(found) for index, found in unread.items()}
        for index, rule in self._rules(chunk):
            # A cell that could not be read is told of once.
            if not any(rule[0] == name for name, _ in unread.get(index, ())):
                broken.setdefault(index, []).append(rule)
        if not broken:
            return chunk
        return _without(chunk, {index: self._described(rows[index], broken[index]) for index in sorted(broken)})

    def _compare_coarsely(self, columns: Columns, cells: Sequence[Sequence[Any]]) -> None:
        """Let moments that are told to the minute, 8:00, be as late as those that they follow, 8:00:45; dates too."""
        for source, written in zip(self._sources, cells, strict=True):
            field = source.field
            if field.kind not in ("moment", "date") or field.not_before not in columns:
                continue
            moments = columns[field.key]
            if field.kind == "date":
                for index, (when, start) in enumerate(zip(moments, columns[field.not_before], strict=True)):
                    if (
                        when is not None
                        and start is not None
                        and when < start
                        and is_in_month_of(written[index], start)
                    ):
                        moments[index] = start
                continue
            for index, (when, start) in enumerate(zip(moments, columns[field.not_before], strict=True)):
                if when is None or start is None or not when < start < when + timedelta(hours=1) or when.second:
                    continue
                if start < when + precision(written[index]):
                    moments[index] = start

    def _identify_parents(self, columns: Columns) -> None:
        """Put the number of what a row refers to where the file has its name, which only one of the township has."""
        for ours in self._table.fields:
            if ours.parent is None or ours.key not in columns or ours.parent is self._table.table:
                continue
            known = self._places.parents.get(ours.parent.name, frozenset())
            named = self._places.named.get(ours.parent.name, {})
            townships = columns.get("township_code", []) if "township_code" in ours.parent.c else []
            pairs = zip_longest(townships[: len(columns[ours.key])], columns[ours.key])
            columns[ours.key] = [
                code if (owner, code) in known else named.get((owner, code), code) for owner, code in pairs
            ]

    def _rules(self, chunk: Chunk) -> Iterator[tuple[int, Fault]]:
        yield from self._broken_by(chunk.columns)
        if self._table.rule:
            for index in range(len(chunk.rows)):
                for rule in self._table.rule(chunk.values(index), self._places):
                    yield index, rule
        for names, seen in self._seen.items():
            is_made = bool(self._numbered) and names == self._table.identity
            yield from _duplicates(names, chunk, seen, EQUAL_ROW if is_made else _DUPLICATE)

    def _numbers(self, columns: Columns, apart: Sequence[int]) -> tuple[list[Any], list[bool]]:
        """A number for each row, made of what it says that will not change, and whether none before it says all the same.

        A row that could not be read whole equals no other: ``apart`` has its own number, and 0 for the others.
        """
        own, may_change = self._table.identity[0], self._table.may_change
        said = [(name, column) for name, column in sorted(columns.items()) if name != own]
        lasting = [(name, column) for name, column in said if name not in may_change]
        numbers, is_first = [], []
        for index, place in enumerate(apart):
            number = f"row-{_digest(lasting, index, place)[:20]}"
            whole = _digest(said, index, place)
            is_first.append(whole not in self._whole)
            self._whole.add(whole)
            self._equal[number] += 1
            times = self._equal[number]
            numbers.append(f"{number}-{times}" if times > 1 and self._numbered == "each" else number)
        return numbers, is_first

    def together(self, chunks: Sequence[Chunk]) -> Chunk:
        """All the chunks as one, without those good rows that contradict each other or the database."""
        rows = [row for chunk in chunks for row in chunk.rows]
        columns = {name: [value for chunk in chunks for value in chunk.columns[name]] for name in chunks[0].columns}
        rejected = [row for chunk in chunks for row in chunk.rejected]
        whole = Chunk(rows, columns, chunks[0].made, rejected, sum(chunk.repeated for chunk in chunks))
        numbered = [(number, whole.values(index)) for index, (number, _) in enumerate(rows)]
        broken: dict[int, list[Fault]] = {}
        index_of = {number: index for index, (number, _) in enumerate(rows)}
        for number, rule in self._table.together(numbered, self._places) if self._table.together else ():
            broken.setdefault(index_of[number], []).append(rule)
        contradictory = {
            index: tuple(
                RowProblem(rows[index][0], self._labels.get(name, name), "", fault, name)
                for name, fault in broken[index]
            )
            for index in broken
        }
        return _without(whole, contradictory)

    def unknown_words(self) -> tuple[UnknownWord, ...]:
        """The words so far that somebody has to explain, or may."""
        return self._words.unknown()

    def equal_rows(self) -> int:
        """How many rows of a file without numbers equal one before them."""
        return sum(self._equal.values()) - len(self._equal)

    def unknown_places(self) -> tuple[UnknownPlace, ...]:
        """The words so far that are no places, those of most rows first."""
        return tuple(
            UnknownPlace(
                place.kind, place.township_code, place.word, _like(place.word, place.names(self._places)), rows
            )
            for place, rows in self._unknown.most_common()
        )

    def _note(self, place: _NoPlace) -> None:
        is_name = len(place.word) <= _LONGEST_PLACE
        if is_name and (place in self._unknown or len(self._unknown) < _MOST_PLACES):
            self._unknown[place] += 1

    def _described(self, row: Row, broken: Sequence[Fault]) -> tuple[RowProblem, ...]:
        number, _ = row
        sources = {source.field.name: source for source in self._sources}
        described = []
        for name, fault in broken:
            shown = ""
            if name in sources:
                [cell] = _by_source([row], [sources[name]])[0]
                shown = _shown(cleaned(cell) or cleaned(sources[name].default), sources[name].field, self._table)
            described.append(RowProblem(number, self._labels.get(name, name), shown, fault, name))
        return tuple(described)


def _digest(said: Sequence[tuple[str, Sequence[Any]]], index: int, place: int) -> str:
    words = "\n".join(f"{name}={column[index]}" for name, column in said if column[index] is not None)
    return sha256(f"{words}\n{place or ''}".encode()).hexdigest()


def _by_source(rows: Sequence[Row], sources: Sequence[Source]) -> list[Sequence[Any]]:
    """The rows' cells by column, in the order of the sources; None where a row is short or has no such column."""
    nothing = (None,) * len(rows)
    columns = list(zip_longest(*(cells for _, cells in rows)))
    indexes = [len(columns) if source.index is None else source.index for source in sources]
    return [columns[index] if index < len(columns) else nothing for index in indexes]


def _column(
    source: Source, read: Callable[[object], Any], cells: Sequence[object]
) -> tuple[list[Any], dict[int, ValueProblem]]:
    """The values of a source's cells; None, and why, where they mean nothing."""
    if source.field.kind == "moment" and source.form is None and not source.missing and not source.meanings:
        moments = common_moments(cells)
        if moments is not None:
            return moments, {}
    return _each(read, cells)


def _each(read: Callable[..., Any], *columns: Sequence[Any]) -> tuple[list[Any], dict[int, ValueProblem]]:
    """What the function makes of each row's cells; None, and why, where they mean nothing."""
    try:
        return list(map(read, *columns)), {}
    except ValueProblem:
        # At least one cell is bad: once more, one by one.
        pass
    values: list[Any] = []
    problems: dict[int, ValueProblem] = {}
    for index, cells in enumerate(zip(*columns, strict=True)):
        try:
            values.append(read(*cells))
        except ValueProblem as problem:
            values.append(None)
            problems[index] = problem
    return values, problems


def _without(chunk: Chunk, problems: dict[int, tuple[RowProblem, ...]]) -> Chunk:
    """The chunk with the rows of these indexes rejected; the rejected are in the file's order."""
    is_good = [index not in problems for index in range(len(chunk.rows))]
    rejected = chunk.rejected + [Rejected(*chunk.rows[index], found) for index, found in problems.items()]
    return Chunk(
        list(compress(chunk.rows, is_good)),
        {name: list(compress(column, is_good)) for name, column in chunk.columns.items()},
        chunk.made,
        sorted(rejected, key=lambda row: row.number),
        chunk.repeated,
    )


def _judged(sources: Sequence[Source], top: Sequence[Sequence[Any]]) -> tuple[Source, ...]:
    """The sources with what their first cells prove. Raises FileProblem where these leave a column's meaning open."""
    judged = []
    for source, cells in zip(sources, top, strict=True):
        if source.field.kind in DATES and source.order is None and source.form is None:
            source = replace(source, order=_order(source, cells))
        elif source.field.kind == "percent":
            _refuse_fractions(source, cells)
        judged.append(source)
    return tuple(judged)


def _order(source: Source, cells: Iterable[object]) -> str | None:
    """The one order in which all dates of the column can be read: a number over 12 is no month."""
    found = [possible for cell in cells if (possible := orders(cell))]
    if not found:
        return None
    proved = frozenset.intersection(*found)
    if len(proved) == 1:
        return next(iter(proved))
    why_zh, why_en = ("都说得通", "several are possible") if proved else ("两种都有", "there are several")
    raise FileProblem(
        f"“{source.label}”里的日期是月在前还是日在前不清楚（{why_zh}），请选定日期的顺序。",
        f"Whether the month or the day comes first in the dates of “{source.label}” is not clear ({why_en}); choose "
        "the order of dates.",
        ORDER_HINT,
    )


def _refuse_fractions(source: Source, cells: Iterable[object]) -> None:
    """Refuse a column of plain numbers up to 1: some mean 95.9 % by 0.959."""
    plain = (cleaned(cell) for cell in cells if not isinstance(cell, bool))
    numbers = [float(cell) for cell in plain if _PLAIN_NUMBER.fullmatch(cell)]
    if any(0 < number < 1 for number in numbers) and all(number <= 1 for number in numbers):
        raise FileProblem(
            f"“{source.label}”里的数都不大于 1，不清楚 0.5 是 50% 还是 0.5%，请把该列改成带 % 的文字或 0 至 100 的数。",
            f"No number in “{source.label}” exceeds 1: whether 0.5 is 50 % or 0.5 % is not clear; make them text with "
            "% or numbers from 0 to 100.",
        )


def _fallbacks(table: ImportTable) -> list[tuple[str, Any]]:
    """What stands in the columns that cannot be empty where the file's cell is."""
    return [(column.name, column.default.arg) for column in table.table.c if column.default is not None]  # type: ignore[attr-defined]  # a value


def _read_defaults(sources: Sequence[Source], places: Places, table: ImportTable) -> dict[str, Any]:
    """The defaults by field. Raises FileProblem: what is wrong with one is wrong with every row."""
    defaults = {}
    for source in sources:
        field = source.field
        meaning = None
        try:
            # A village is looked up in each row's township.
            read = _reader_of(source, places, table)
            for meaning in source.meanings.values():
                read(meaning)
            meaning = None
            defaults[field.name] = read(source.default)
        except ValueProblem as problem:
            shown = _shown(cleaned(source.default), field, table)
            if meaning is None:
                what_zh, what_en = "默认值", "default"
            else:
                shown, what_zh, what_en = _shown(meaning, field, table), "含义", "meaning"
            raise FileProblem(
                f"{field.label}的{what_zh}“{shown}”不能用：{problem.fault.zh}。",
                f"The {what_en} “{shown}” for {field.name} cannot be used: {problem.fault.en}.",
            ) from None
    return defaults


def _longest(field: Field, table: ImportTable) -> int | None:
    """How many characters the column of a field holds, if it is one of text."""
    column = table.table.c.get(field.key)
    return column.type.length if column is not None and isinstance(column.type, String) else None


def _reader_of(source: Source, places: Places, table: ImportTable) -> Callable[[object], Any]:
    """What makes values of a source's cells: townships' codes of theirs, of villages the word only."""
    field = source.field
    read: Callable[[object], Any]
    if field.kind == "month":
        read = lambda cell: month(cell, source.form, source.order)  # noqa: E731  # one of several
    elif field.kind == "money":
        read = lambda cell: money(cell, source.unit)  # noqa: E731  # one of several
    elif field.kind == "number" and source.unit:
        read = lambda cell: whole_number(cell, source.unit or 1)  # noqa: E731  # one of several
    elif field.kind == "hours":
        read = lambda cell: hours(cell, in_minutes=source.is_in_minutes)  # noqa: E731  # one of several
    elif field.kind == "day_or_month":
        read = lambda cell: day_or_month(cell, source.form, source.order)  # noqa: E731  # one of several
    elif field.kind == "date":
        read = lambda cell: day(cell, source.form, source.order, to_the_end=field.whole_day)  # noqa: E731  # one of several
    elif field.kind == "moment":
        of_day = time(23, 59, 59) if field.whole_day else time.min

        def read(cell: object) -> datetime | None:
            found = moment(cell, source.form, source.order)
            return found if found is None or isinstance(found, datetime) else datetime.combine(found, of_day)

    elif field.kind == "township":
        # The same few words come again and again; 1, 1.0 and True are told apart.
        none = frozenset[str]() if field.required else _WHOLE_COUNTY
        read = lru_cache(maxsize=4096, typed=True)(lambda cell: _township(READ["township"](cell), places, none))
    else:
        read = READ[field.kind]
    if source.year and field.kind in DATES:
        dated, is_month = read, field.kind == "month"
        read = lambda cell: dated(with_year(cell, source.year, is_month=is_month))  # noqa: E731  # one of several
    most = _longest(field, table)
    if source.is_cut and most is not None:
        whole = read
        read = lambda cell: str(whole(cell) or "")[:most] or None  # noqa: E731  # one of several
    is_date = field.kind in ("moment", "date")
    if not (source.missing or source.meanings or is_date):
        return read

    def understood(cell: object) -> Any:
        if source.missing or source.meanings:
            word = cleaned(cell)
            if word in source.missing:
                return None
            if word in source.meanings:
                meaning = source.meanings[word]
                return read(meaning) if meaning else None
        try:
            return read(cell)
        except ValueProblem:
            if is_date and says_not_yet(field, cleaned(cell)):
                return None
            raise

    return understood


@dataclass(frozen=True)
class _NoPlace:
    """A word that is no place; a village, where the township is given."""

    word: str
    township_code: str | None = None

    @property
    def kind(self) -> Literal["township", "village"]:
        return "township" if self.township_code is None else "village"

    def names(self, places: Places) -> tuple[str, ...]:
        """The official names that the word may be meant for."""
        if self.township_code is None:
            return places.township_names
        return places.village_names.get(self.township_code, ())


class _NoSuchPlace(ValueProblem):
    """The value names no place that is known."""

    def __init__(self, place: _NoPlace, places: Places) -> None:
        like = _like(place.word, place.names(places))
        owner = place.township_code
        known = {} if owner is None else {"township": places.names.get(owner, owner)}
        if like is None:
            fault = (_NO_VILLAGE if known else _NO_TOWNSHIP).broken(**known)
        else:
            fault = (_LIKE_VILLAGE if known else _LIKE_TOWNSHIP).broken(**known, like=like)
        super().__init__(fault)
        self.place = place


def _township(word: Any, places: Places, none: Container[str] = ()) -> str | None:
    if word is None or word in none:
        return None
    code = places.townships.get(word) or places.short_townships.get(word)
    if code is None:
        raise _NoSuchPlace(_NoPlace(word), places)
    return code


def _village(word: str | None, township_code: str | None, places: Places) -> str | None:
    if word is None or township_code is None:
        return None
    key = (township_code, word)
    code = places.villages.get(key) or places.short_villages.get(key)
    if code is None:
        raise _NoSuchPlace(_NoPlace(word, township_code), places)
    return code


def _like(word: str, names: tuple[str, ...]) -> str | None:
    """The name that is like the word. Two places of that very name are no suggestion."""
    alike = suggestion(word, names)
    return None if alike == word else alike


def _field_rules(
    table: ImportTable, places: Places, latest: datetime
) -> Callable[[Columns], Iterator[tuple[int, Fault]]]:
    """What the table's declaration demands of every row, made ready to be asked often: columns -> index, rule."""
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
        elif (length := _longest(field, table)) is not None:
            texts.append((field.name, field.key, length))
        elif field.kind == "number":
            numbers.append((field.name, field.key, 2**15 - 1 if isinstance(column.type, SmallInteger) else 2**31 - 1))

    def broken_by(columns: Columns) -> Iterator[tuple[int, Fault]]:
        for name, key in required:
            column = columns.get(key, ())
            for index, value in enumerate(column if None in column else ()):
                if value is None:
                    yield index, (name, _REQUIRED.broken())
        for name, key, most in texts:
            column = columns.get(key, ())
            # Where nothing is too long, as nearly always, this is told in a fraction of the time.
            is_short = max(map(len, filter(None, column)), default=0) <= most
            for index, text in enumerate(() if is_short else column):
                if text is not None and len(text) > most:
                    yield index, (name, TOO_LONG.broken(length=len(text), most=most))
        for name, key, limit in numbers:
            for index, number in enumerate(columns.get(key, ())):
                if number is not None and number > limit:
                    yield index, (name, _TOO_LARGE.broken(limit=limit))
        for name, key, words in choices:
            for index, word in enumerate(columns.get(key, ())):
                if word is not None and word not in words:
                    yield index, (name, _ONE_OF.broken(words=words))
        for name, key, known in parents:
            pairs = zip(columns.get(key, ()), columns.get("township_code", ()), strict=False)
            for index, (code, township_code) in enumerate(pairs):
                if _is_unknown_parent(code, township_code, known):
                    yield index, (name, _NO_PARENT.broken())
        for name, key, last in ahead:
            for index, when in enumerate(columns.get(key, ())):
                if when is not None and when > last:
                    yield index, (name, _IN_FUTURE.broken(latest=f"{latest:%Y-%m-%d}"))
        yield from too_early(columns, table)

    return broken_by


def _is_unknown_parent(code: str | None, township_code: str | None, known: Container[tuple[str | None, str]]) -> bool:
    # Where the township is the problem, nothing can be said of what it has.
    if code is None or township_code is None:
        return False
    return (township_code, code) not in known and (None, code) not in known


def too_early(columns: Columns, table: ImportTable) -> Iterator[tuple[int, Fault]]:
    """The moments that precede the one of their row that they must follow, by the row's index."""
    for field in table.fields:
        if field.not_before is None:
            continue
        pairs = zip(columns.get(field.name, ()), columns.get(field.not_before, ()), strict=False)
        for index, (when, start) in enumerate(pairs):
            if when is not None and start is not None and when < start:
                yield index, (field.name, _TOO_EARLY.broken(field=table.label(field.not_before), start=start))


def _duplicates(
    names: tuple[str, ...], chunk: Chunk, seen: dict[object, int], rule: Rule
) -> Iterator[tuple[int, Fault]]:
    nothing = [None] * len(chunk.rows)
    columns = [chunk.columns.get(name, nothing) for name in names]
    # Millions of keys: one column's values take half of the memory that tuples of them do.
    keys: Iterable[Any] = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
    for index, (key, (number, _)) in enumerate(zip(keys, chunk.rows, strict=True)):
        if key is None or (len(names) > 1 and None in key):
            continue
        first = seen.setdefault(key, number)
        if first != number:
            yield index, (names[0], rule.broken(row=first))


def _shown(value: str, field: Field, table: ImportTable) -> str:
    """The value as messages may repeat it: its first character if it is private, its beginning if it is long."""
    value = value.replace(BROKEN, "\ufffd")
    if table.is_personal(field):
        return value[:1] + "**" if value else ""
    return value if len(value) <= 40 else value[:40] + "…"
