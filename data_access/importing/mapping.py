"""Which header fills which of our columns: from a mapping file, or because the headers speak for themselves."""

from __future__ import annotations

import codecs
import dataclasses
import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data_access.importing.headers import titles_of
from data_access.importing.problems import FileProblem
from data_access.importing.proposals import Proposal, may_be_numbers, proposals
from data_access.importing.values import ORDERS, UNITS, cleaned
from data_access.model.import_table import DATES, Field, ImportTable

_COUNTED_IN = re.compile(
    r"\((?:单位)?(%|个|人|人次|万人|户|件|支|名|次|家|台|路|处|条|项|小时|时|h|分钟|分|元|千元|万|万元|百万元|亿|亿元|年月日|年/月/日|必填|选填)\)$"
)
# What becomes of equal rows of a file without numbers
NUMBERED = ("ask", "each", "once")
# The group header over the header, as a reader joins them.
GROUP = " / "
# A row with so many known names is a header; messages repeat its short titles, as many as can be read.
_MADE_OF = 2
_LONGEST_TITLE = 20
_MOST_TITLES = 40


@dataclass(frozen=True)
class ColumnMapping:
    """What a mapping file says. ``columns``: our column -> their header (empty: none, guess nothing).

    ``defaults``: our column -> the value where their cell is missing or no header fills it. ``formats``:
    ``encoding`` of a CSV, ``sheet`` of a workbook, ``header`` (its row as Excel numbers it; 0: there is none, and
    columns are called A, B, C …), ``order`` of dates whose year is last or of two digits (``mdy``, ``dmy`` or ``ymd``), ``datetime`` or one of
    our moments, dates and months -> ``strptime`` format, one of our money columns -> its unit (``万元``),
    ``missing``: words that stand where there is no value, ``cut``: our columns whose longer texts are cut, ``numbered``:
    rows have no numbers, which are made of what they say; equal rows are ``each`` one, the same ``once``, or asked about
    (``ask``), ``year``: of dates that have none (``2023``, or ``2023-09`` for those about that month; ``title``: as the titles
    say). ``meanings`` (the section ``values``): our column -> their word -> what is meant by it (empty: nothing).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    formats: Mapping[str, Any] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where a field's values come from: the cell at ``index`` under ``header``, else the default."""

    field: Field
    index: int | None
    header: str | None
    default: object
    form: str | None
    # What a plain amount of money is counted in, in yuan, or a plain number
    unit: int | None = None
    # What comes first, month (mdy), day (dmy) or year (ymd), in dates whose year is last or of two digits
    order: str | None = None
    # Words that stand where there is no value
    missing: frozenset[str] = frozenset()
    # What their words mean
    meanings: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Whether a plain number of hours is one of minutes
    is_in_minutes: bool = False
    # Whether a text that is too long is cut
    is_cut: bool = False
    # The year, or the month, of dates that have none
    year: str = ""

    @property
    def label(self) -> str:
        """The column in messages: their header, and what we call it where that is something else."""
        ours = self.field.label
        return ours if self.header in (None, ours, self.field.name) else f"{self.header}（{ours}）"


@dataclass(frozen=True)
class Plan:
    """How rows are mapped: the sources of our fields, and the headers that fill none.

    ``numbered``: numbers are made of what rows say, as a mapping's formats have it; empty: the file has them. ``likely``
    are those of the headers that fill none which may be of a field that has none.
    """

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]
    numbered: str = ""
    likely: tuple[Proposal, ...] = ()


def read_mapping(path: Path, table: ImportTable) -> ColumnMapping:
    """The mapping in a TOML file. Raises FileProblem for what it cannot mean."""
    try:
        sections = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise FileProblem(
            f"无法打开映射文件 {path}（{error.strerror}）。", f"Cannot open the mapping file {path} ({error.strerror})."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileProblem(
            f"映射文件 {path} 不是有效的 TOML：{error}。", f"The mapping file {path} is not valid TOML: {error}."
        ) from None
    _refuse_unknown("", sections, ("columns", "defaults", "formats", "values"))
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise FileProblem(
                f"映射里的 {name} 应为一节：[{name}]。", f"{name} in the mapping must be a section: [{name}]."
            )
    names = [field.name for field in table.fields]
    columns, defaults, formats, values = (
        sections.get(name, {}) for name in ("columns", "defaults", "formats", "values")
    )
    _refuse_unknown("columns", columns, names)
    _refuse_unknown("defaults", defaults, names)
    _refuse_unknown("values", values, names)
    for name, meanings in values.items():
        if not isinstance(meanings, dict) or not all(isinstance(meaning, str) for meaning in meanings.values()):
            raise FileProblem(
                f'映射里的 [values.{name}] 每行应为 "他们的词" = "含义"，含义为空表示没有值。',
                f'The lines of [values.{name}] in the mapping should be "their word" = "meaning", empty for no value.',
            )
    for name, value in defaults.items():
        if isinstance(value, (list, dict)):
            raise _no_text("defaults", name)
    for name, value in columns.items():
        if not isinstance(value, str):
            raise _no_text("columns", name)
    _check_formats(formats, table)
    return ColumnMapping(columns, defaults, formats, values)


def _no_text(section: str, name: str) -> FileProblem:
    return FileProblem(
        f"映射 [{section}] 里的 {name} 应为带引号的文字。",
        f"{name} in [{section}] of the mapping must be a string.",
    )


def _check_formats(formats: Mapping[str, Any], table: ImportTable) -> None:
    moments = [field.name for field in table.fields if field.kind in DATES]
    texts = [field.name for field in table.fields if field.kind in ("text", "free_text")]
    amounts = [field.name for field in table.fields if field.kind == "money"]
    known = ("encoding", "sheet", "header", "order", "missing", "datetime", "cut", "numbered", "year")
    _refuse_unknown("formats", formats, (*known, *moments, *amounts))
    for name, form in formats.items():
        if name == "header":
            if not isinstance(form, int) or isinstance(form, bool) or form < 0:
                raise FileProblem(
                    "映射 [formats] 里的 header 应为表头的行号，没有表头时为 0。",
                    "header in [formats] of the mapping must be the header's row number, or 0 if there is none.",
                )
        elif name == "missing":
            if not isinstance(form, list) or not all(isinstance(word, str) for word in form):
                raise FileProblem(
                    '映射 [formats] 里的 missing 应为一组文字，如 ["待定", "见附件"]。',
                    'missing in [formats] of the mapping must be a list of words, like ["TBD", "see note"].',
                )
        elif name == "year":
            if not re.fullmatch(r"title|(19|20)\d\d(-(0[1-9]|1[0-2]))?", str(form)):
                raise FileProblem(
                    '映射 [formats] 里的 year 应为 "title"（按标题）、2023 或 "2023-09"。',
                    'year in [formats] of the mapping must be "title" (as the titles say), 2023 or "2023-09".',
                )
        elif name == "cut":
            if not isinstance(form, list) or not all(word in texts for word in form):
                raise FileProblem(
                    f"映射 [formats] 里的 cut 应为一组文字列：{'、'.join(texts)}。",
                    f"cut in [formats] of the mapping must be a list of columns of text: {', '.join(texts)}.",
                )
        elif not isinstance(form, str):
            raise _no_text("formats", name)
        elif name == "encoding":
            _refuse_unknown_encoding(form)
        elif name in ("order", "numbered") or name in amounts:
            words = {"order": ORDERS, "numbered": NUMBERED}.get(name, tuple(UNITS))
            if form not in words:
                raise FileProblem(
                    f"映射 [formats] 里的 {name} 应为 {'、'.join(words)} 之一。",
                    f"{name} in [formats] of the mapping must be one of {', '.join(words)}.",
                )
        elif name != "sheet" and not _is_form_of_date(form, whole=table_kind(table, name) != "month"):
            raise FileProblem(
                f"映射 [formats] 里的 {name} 应形如 %Y/%m/%d %H:%M:%S。",
                f"{name} in [formats] of the mapping should look like %Y/%m/%d %H:%M:%S.",
            )


def table_kind(table: ImportTable, name: str) -> str:
    """The kind of the field of this name; empty where there is none."""
    return next((ours.kind for ours in table.fields if ours.name == name), "")


def _is_form_of_date(form: str, *, whole: bool) -> bool:
    """Whether strptime understands the format, and it has a year, a month and, for a whole date, a day."""
    try:
        datetime.strptime(datetime(2023, 8, 22, tzinfo=UTC).strftime(form), form)
    except (ValueError, KeyError, IndexError, re.error):
        return False
    return bool(re.search("%[Yy]", form)) and re.search("%[mbB]", form) is not None and ("%d" in form or not whole)


def _refuse_unknown(section: str, entries: Iterable[str], known: Sequence[str]) -> None:
    unknown = "、".join(sorted(set(entries) - set(known)))
    if unknown:
        where_zh, where_en = (f" [{section}]", f" [{section}] of") if section else ("", "")
        raise FileProblem(
            f"映射{where_zh} 里不认识 {unknown}，可用的有：{'、'.join(known)}。",
            f"In{where_en} the mapping, {unknown} is unknown; these are known: {', '.join(known)}.",
        )


def _refuse_unknown_encoding(name: str) -> None:
    try:
        "".encode(name)
        # Some know of no way to go on after a broken character.
        codecs.getincrementaldecoder(name)("replace").decode(b"a", final=True)
    except (LookupError, ValueError):
        raise FileProblem(
            f"映射 [formats] 里的编码 {name} 不存在，常用的是 utf-8 和 gb18030。",
            f"There is no encoding {name} ([formats] of the mapping); utf-8 and gb18030 are usual.",
        ) from None


def plan_columns(
    header: Sequence[str],
    table: ImportTable,
    mapping: ColumnMapping,
    unit: str = "",
    top: Sequence[tuple[int, Sequence[Any]]] = (),
    titled: str = "",
) -> Plan:
    """What fills each of our columns, given the file's header row and its first rows.

    A column that the mapping names is filled as it says; the others by the header that equals our name or a
    synonym. Plain amounts of money are in the ``unit`` that the titles of the sheet name, unless the mapping or the
    column names another; dates without a year get that of ``titled`` where the mapping says so. Raises FileProblem if a header is missing or ambiguous, or a required column has no source.
    """
    positions = _positions(header)
    if positions.keys().isdisjoint(known_names(table, mapping)):
        # The row may well be the first case: messages must not repeat it.
        raise FileProblem(
            "没有找到表头：没有一行里有认识的列名。请说明各列是什么。",
            "No header was found: no row has a column name that is known. Say what the columns are.",
            "[columns]    # 各列；文件没有表头时，再在 [formats] 里写 header = 0",
        )
    year = str(mapping.formats.get("year", ""))
    year = titled if year == "title" else year
    no_value = frozenset(mapping.formats.get("missing", ()))
    sources = []
    for ours in table.fields:
        position = _position(ours, table, mapping, positions, header)
        default = mapping.defaults.get(ours.name)
        if position is None and default is None:
            continue
        form = mapping.formats.get(ours.name, mapping.formats.get("datetime"))
        heading = None if position is None else header[position]
        # Our own name for the column says that it holds yuan.
        is_in_yuan = heading is None or _plain(heading) == ours.name
        units = (mapping.formats.get(ours.name), _counted_in(heading or ""), "元" if is_in_yuan else unit)
        yuan = next((UNITS[name] for name in units if name in UNITS), None)
        order = mapping.formats.get("order")
        words, is_cut = mapping.meanings.get(ours.name, {}), ours.name in mapping.formats.get("cut", ())
        counted_in = _counted_in(heading or "")
        if ours.kind == "number":
            yuan = UNITS["万"] if counted_in in ("万", "万人") else None
        in_minutes = counted_in in ("分钟", "分")
        sources.append(
            Source(ours, position, heading, default, form, yuan, order, no_value, words, in_minutes, is_cut, year)
        )
    filled = {source.field.name for source in sources}
    used = {source.index for source in sources}
    numbered = ""
    if table.identity[0] not in filled:
        numbered = numbered_as(table, mapping, header, {source.header for source in sources}, top)
        filled |= {table.identity[0]} if numbered else set()
    found = {source.field.name: source.header for source in sources if source.header}
    # What the mapping leaves without a header is not to be asked about.
    likely = proposals(
        header, top, table, {**found, **{name: "" for name, title in mapping.columns.items() if not title}}
    )
    missing = [ours for ours in table.fields if ours.required and ours.name not in filled]
    if missing:
        zh = "、".join(ours.label for ours in missing)
        en = ", ".join(ours.label for ours in missing)
        titles_zh, titles_en = _quoted_titles(header, table, mapping)
        likely = likely if titles_zh else []
        alike = "、".join(f"“{one.title}”→{one.field.label}" for one in likely)
        likely_zh, likely_en = (f"；看名称和内容像是：{alike}", f"; perhaps {alike}") if likely else ("", "")
        raise FileProblem(
            f"缺少必需的列：{zh}{titles_zh}{likely_zh}。",
            f"Required columns are missing: {en}{titles_en}{likely_en}.",
            "\n".join(
                (
                    "[columns]",
                    *(f'{one.field.name} = "{one.title}"' for one in likely),
                    *(
                        f'{ours.name} = ""    # {ours.label}'
                        for ours in missing
                        if ours not in [one.field for one in likely]
                    ),
                    *(
                        ["# 文件没有编号的，不写映射，用 --numbered ask"]
                        if missing[0].name == table.identity[0]
                        else []
                    ),
                    *(
                        f"# 文件里没有的，用 --default {ours.name}=值（{ours.label}）"
                        for ours in missing
                        if ours not in [one.field for one in likely] and ours.name != table.identity[0]
                    ),
                )
            ),
        )
    ignored = [title or f"（第 {index + 1} 列）" for index, title in enumerate(header) if index not in used]
    return Plan(tuple(sources), tuple(ignored), numbered, tuple(likely))


def numbered_as(
    table: ImportTable,
    mapping: ColumnMapping,
    header: Sequence[str],
    used: Container[str | None],
    top: Sequence[tuple[int, Sequence[Any]]],
) -> str:
    """How a file whose numbers no column gives is numbered, as a mapping's formats have it; empty: not at all.

    The rows of a log are without being told, unless a column that is not ``used`` tells them apart as numbers do; what is
    numbered by something else (an outage by its camera) never is.
    """
    if any(ours.name == table.identity[0] and ours.parent is not None for ours in table.fields):
        return ""
    for index, title in enumerate(header):
        cells = [cleaned(row[index]) if index < len(row) else "" for _, row in top]
        if title not in used and may_be_numbers(cells):
            return str(mapping.formats.get("numbered", ""))
    return str(mapping.formats.get("numbered", "ask" if table.is_log else ""))


def columns_found(header: Sequence[str], table: ImportTable, mapping: ColumnMapping) -> dict[str, str]:
    """Our columns that a header fills, and that header; those for which none or several would do are left out."""
    positions = _positions(header)
    found = {}
    for ours in table.fields:
        try:
            position = _position(ours, table, mapping, positions, header)
        except FileProblem:
            continue
        if position is not None:
            found[ours.name] = header[position]
    return found


def _positions(header: Sequence[str]) -> dict[str, list[int]]:
    """Where each name that a header can be known by stands."""
    positions: dict[str, list[int]] = {}
    for index, title in enumerate(header):
        for name in names_of(title):
            positions.setdefault(name, []).append(index)
    return positions


def known_names(table: ImportTable, mapping: ColumnMapping) -> set[str]:
    """What a header may be called if it is to be known, as :func:`names_of` gives it."""
    titles = [title for ours in table.fields for title in titles_of(ours, table)]
    return {_plain(title) for title in (*titles, *mapping.columns.values()) if title}


def names_of(title: str) -> set[str]:
    """What a header can be known by: with and without its unit, with and without the group header over it."""
    group, _, own = title.rpartition(GROUP)
    titles = {title, own, group + own, own + group} if group else {title}
    plain = set(map(_plain, titles))
    return plain | {_COUNTED_IN.sub("", name) for name in plain}


def _plain(title: str) -> str:
    """A header without what does not tell it apart: blanks, full-width forms, case, marks of required columns."""
    return re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", title)).casefold()


def _counted_in(title: str) -> str:
    # The header's own unit comes before that of the group over it.
    matches = (_COUNTED_IN.search(_plain(part)) for part in reversed(title.split(GROUP)))
    return next((match[1] for match in matches if match), "")


def _quoted_titles(header: Sequence[str], table: ImportTable, mapping: ColumnMapping) -> tuple[str, str]:
    """The header as messages may repeat it. A row with a single known word may be a case: that is not repeated."""
    known = known_names(table, mapping)
    if sum(not names_of(title).isdisjoint(known) for title in header) < _MADE_OF:
        return "", ""
    short = [title for title in header if title and len(title) <= _LONGEST_TITLE]
    titles = "、".join(short[:_MOST_TITLES]) + ("……" if len(short) > _MOST_TITLES else "")
    return f"，文件的表头是：{titles}", f"; the file's headers are: {titles}"


def _position(
    ours: Field,
    table: ImportTable,
    mapping: ColumnMapping,
    positions: Mapping[str, list[int]],
    header: Sequence[str],
) -> int | None:
    named = mapping.columns.get(ours.name)
    if named == "":
        return None
    wanted = titles_of(ours, table) if named is None else (named,)
    found = next((positions[_plain(title)] for title in wanted if _plain(title) in positions), [])
    if named is not None and not found:
        titles_zh, titles_en = _quoted_titles(header, table, mapping)
        raise FileProblem(
            f"映射里{ours.label}的表头“{named}”不在文件里{titles_zh}。",
            f"The header “{named}” that the mapping gives for {ours.label} is not in the file{titles_en}.",
        )
    if len(found) > 1:
        title = header[found[0]]
        raise FileProblem(
            f"表头“{title}”出现了 {len(found)} 次，无法确定用哪一列。",
            f"The header “{title}” stands there {len(found)} times; which column is meant is not clear.",
        )
    return found[0] if found else None
