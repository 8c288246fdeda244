"""Mappings kept for the next file with the same header: a TOML file each, which the command line reads too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

import tomli_w
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access.access import Viewer
from data_access.audit.deeds import record
from data_access.database import begin_writing, unreachable
from data_access.importing.kept_files import folder, replace_file
from data_access.importing.mapping import ColumnMapping, read_mapping
from data_access.importing.problems import FileProblem
from data_access.importing.readers import guessed_header, headers_in, tops
from data_access.importing.unforeseen import foreseen
from data_access.model.import_table import ImportTable


@dataclass(frozen=True)
class SavedMapping:
    """A mapping, the file that holds it, and the day it was saved."""

    mapping: ColumnMapping
    path: Path
    saved_on: date


def fingerprint(header: Sequence[str]) -> str:
    """What tells one layout of a file from another: 12 hexadecimal digits of its column names in their order."""
    return hashlib.sha256(json.dumps(list(header), ensure_ascii=False).encode()).hexdigest()[:12]


def _path(table: ImportTable, header: Sequence[str]) -> Path:
    return folder() / f"{table.name}-{fingerprint(header)}.toml"


def save_mapping(table: ImportTable, header: Sequence[str], mapping: ColumnMapping) -> Path:
    """Keep the mapping for files with this header, in place of an earlier one. Raises FileProblem."""
    path = _path(table, header)
    sections = {
        "columns": mapping.columns,
        "defaults": mapping.defaults,
        "formats": mapping.formats,
        "values": mapping.meanings,
    }
    replace_file(path, tomli_w.dumps({name: section for name, section in sections.items() if section}))
    return path


def keep_mapping(
    engine: Engine, table: ImportTable, header: Sequence[str], mapping: ColumnMapping, *, by: Viewer
) -> None:
    """Keep a mapping as :func:`save_mapping` does, and record it where it is another one than before.

    Raises NotAllowed, FileProblem, and DatabaseProblem where the database does not write.
    """
    by.require("import")
    path = _path(table, header)
    before = _readable(path, table) if path.exists() else None
    if before == mapping:
        return
    try:
        with engine.begin() as connection:
            begin_writing(connection)
            told = asdict(before) if before else None
            record(connection, by, "setting-changed", f"mapping {path.stem}", before=told, after=asdict(mapping))
            save_mapping(table, header, mapping)
    except SQLAlchemyError as error:
        raise unreachable(error, engine.url) from error


@foreseen
def saved_mapping(table: ImportTable, file: Path) -> SavedMapping | None:
    """The mapping kept for files like this one: a row, or two, near its top has the same fingerprint.

    It says which sheet and row that is, as far as the reader needs to be told. A kept mapping that can no longer be
    read is passed over. Raises FileProblem if the file cannot be read.
    """
    sheets = tops(file)
    names = {name for name, _ in sheets}
    for name, top in sheets:
        for row, header in headers_in(top, table):
            path = _path(table, header)
            mapping = _readable(path, table) if path.exists() else None
            if mapping is None:
                continue
            formats = {key: value for key, value in mapping.formats.items() if key not in ("sheet", "header")}
            if formats.get("year") != "title":
                # Another file may be of another year.
                formats.pop("year", None)
            if len(names) > 1:
                formats["sheet"] = name
            if guessed_header(top, table, mapping) != header:
                formats["header"] = row
            saved_on = datetime.fromtimestamp(path.stat().st_mtime).date()
            return SavedMapping(replace(mapping, formats=formats), path, saved_on)
    return None


def _readable(path: Path, table: ImportTable) -> ColumnMapping | None:
    try:
        return read_mapping(path, table)
    except FileProblem:
        return None
