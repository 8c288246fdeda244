"""Which header fills which of our columns: from a mapping file, or because the headers speak for themselves."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_access.importing.problems import FileProblem
from data_access.importing.tables import Field, ImportTable


@dataclass(frozen=True)
class ColumnMapping:
    """What a mapping file says. ``columns``: our column -> their header (empty: none, guess nothing).

    ``defaults``: our column -> the value where their cell is missing or no header fills it. ``formats``:
    ``encoding`` of a CSV, ``datetime`` or one of our moments -> ``strptime`` format.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where a field's values come from: the cell at ``index`` under ``header``, else the default."""

    field: Field
    index: int | None
    header: str | None
    default: object
    form: str | None

    @property
    def label(self) -> str:
        """The column in messages: their header and our name."""
        return self.field.name if self.header in (None, self.field.name) else f"{self.header}（{self.field.name}）"


@dataclass(frozen=True)
class Plan:
    """How rows are mapped: the sources of our fields, and the headers that fill none."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]


def read_mapping(path: Path, table: ImportTable) -> ColumnMapping:
    """The mapping in a TOML file. Raises FileProblem for what it cannot mean."""
    try:
        sections = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise FileProblem(
            f"无法打开映射文件 {path}（{error.strerror}）。", f"Cannot open the mapping file {path} ({error.strerror})."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileProblem(
            f"映射文件 {path} 不是有效的 TOML：{error}。", f"The mapping file {path} is not valid TOML: {error}."
        ) from None
    _refuse_unknown("", sections, ("columns", "defaults", "formats"))
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise FileProblem(
                f"映射里的 {name} 应为一节：[{name}]。", f"{name} in the mapping must be a section: [{name}]."
            )
    names = [field.name for field in table.fields]
    moments = [field.name for field in table.fields if field.kind == "moment"]
    columns, defaults, formats = (sections.get(name, {}) for name in ("columns", "defaults", "formats"))
    _refuse_unknown("columns", columns, names)
    _refuse_unknown("defaults", defaults, names)
    _refuse_unknown("formats", formats, ("encoding", "datetime", *moments))
    for section, entries in (("columns", columns), ("formats", formats)):
        for name, value in entries.items():
            if not isinstance(value, str):
                raise FileProblem(
                    f"映射 [{section}] 里的 {name} 应为带引号的文字。",
                    f"{name} in [{section}] of the mapping must be a string.",
                )
    for name, form in formats.items():
        if name == "encoding":
            _refuse_unknown_encoding(form)
        elif not re.search("%[Yy]", form) or "%m" not in form or "%d" not in form:
            raise FileProblem(
                f"映射 [formats] 里的 {name} 应形如 %Y/%m/%d %H:%M:%S。",
                f"{name} in [formats] of the mapping should look like %Y/%m/%d %H:%M:%S.",
            )
    return ColumnMapping(columns, defaults, formats)


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
    except LookupError:
        raise FileProblem(
            f"映射 [formats] 里的编码 {name} 不存在，常用的是 utf-8 和 gb18030。",
            f"There is no encoding {name} ([formats] of the mapping); utf-8 and gb18030 are usual.",
        ) from None


def plan_columns(header: Sequence[str], table: ImportTable, mapping: ColumnMapping) -> Plan:
    """What fills each of our columns, given the file's header row.

    A column that the mapping names is filled as it says; the others by the header that equals our name or a
    synonym. Raises FileProblem if a header is missing or ambiguous, or a required column has no source.
    """
    positions: dict[str, list[int]] = {}
    for index, title in enumerate(header):
        positions.setdefault(_plain(title), []).append(index)
    known = {_plain(title) for ours in table.fields for title in (ours.name, *ours.headers)}
    if positions.keys().isdisjoint(known | set(map(_plain, mapping.columns.values()))):
        # The row may well be the first case: messages must not repeat it.
        raise FileProblem(
            "第一行里没有一个认识的表头，请确认第一行是表头，或用 --mapping 说明各列。",
            "No header in the first row is known; see that the first row holds headers, or map them with --mapping.",
        )
    sources = []
    for ours in table.fields:
        position = _position(ours, mapping, positions, header)
        default = mapping.defaults.get(ours.name)
        if position is None and default is None:
            continue
        form = mapping.formats.get(ours.name, mapping.formats.get("datetime"))
        sources.append(Source(ours, position, None if position is None else header[position], default, form))
    missing = [ours for ours in table.fields if ours.required and ours not in [source.field for source in sources]]
    if missing:
        zh = "、".join("／".join((ours.name, *ours.headers[:1])) for ours in missing)
        en = ", ".join(ours.name for ours in missing)
        titles = "、".join(filter(None, header))
        raise FileProblem(
            f"缺少必需的列：{zh}。文件的表头是：{titles}。请用 --mapping 或 --default 给出。",
            f"Required columns are missing: {en}. The file's headers are: {titles}. Give them with --mapping or --default.",
        )
    used = {source.index for source in sources}
    ignored = [title or f"（第 {index + 1} 列）" for index, title in enumerate(header) if index not in used]
    return Plan(tuple(sources), tuple(ignored))


def _plain(title: str) -> str:
    """A header without what does not tell it apart: blanks, full-width forms, case, marks of required columns."""
    return re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", title)).casefold()


def _position(
    ours: Field, mapping: ColumnMapping, positions: Mapping[str, list[int]], header: Sequence[str]
) -> int | None:
    named = mapping.columns.get(ours.name)
    if named == "":
        return None
    wanted = (ours.name, *ours.headers) if named is None else (named,)
    found = next((positions[_plain(title)] for title in wanted if _plain(title) in positions), [])
    if named is not None and not found:
        titles = "、".join(filter(None, header))
        raise FileProblem(
            f"映射里 {ours.name} 的表头“{named}”不在文件里。文件的表头是：{titles}。",
            f"The header “{named}” that the mapping gives for {ours.name} is not in the file. Its headers are: {titles}.",
        )
    if len(found) > 1:
        title = header[found[0]]
        raise FileProblem(
            f"表头“{title}”出现了 {len(found)} 次，无法确定用哪一列。",
            f"The header “{title}” stands there {len(found)} times; which column is meant is not clear.",
        )
    return found[0] if found else None


def mapped_rows(rows: Iterable[tuple[int, Sequence[Any]]], plan: Plan) -> Iterator[tuple[int, list[object]]]:
    """The cells of each row in the order of the plan's sources, with its row number."""
    indexes = [source.index for source in plan.sources]
    for number, cells in rows:
        yield number, [cells[index] if index is not None and index < len(cells) else None for index in indexes]
