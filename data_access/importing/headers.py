"""The county's own words for columns, beside those that are shipped: a file that a page or a person writes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import tomli_w
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access.access import Viewer
from data_access.audit.deeds import record
from data_access.database import begin_writing, unreachable
from data_access.importing.kept_files import folder, replace_file
from data_access.importing.problems import FileProblem
from data_access.model.headers import EVERY, Headers, headers_in, read_headers
from data_access.model.import_table import Field, ImportTable


def county_headers_file() -> Path:
    """Where the county's additions are kept, beside its mappings; it looks like ``data_access/model/headers.toml``."""
    return folder() / "headers.toml"


def county_headers() -> Headers:
    """What the county added. Raises FileProblem where the file cannot be read."""
    path = county_headers_file()
    try:
        state = path.stat()
        return _read(path, state.st_mtime_ns, state.st_size)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FileProblem(
            f'读不了本县的表头清单 {path}（{error}），每行应形如 closed_at = ["办毕日期"]，上面一行写 [petitions]。',
            f'Cannot read the county\'s list of headers {path} ({error}); its lines look like closed_at = ["…"] '
            "under [petitions].",
        ) from None


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> Headers:
    return read_headers(path.read_text("utf-8"))


def keep_county_headers(engine: Engine, headers: Headers, *, by: Viewer) -> None:
    """Keep what the county adds, in place of what it had added, and record it.

    Raises NotAllowed, FileProblem for tables or columns that are none and where the file cannot be written, and
    DatabaseProblem.
    """
    # Not before: the tables import what asks for their headers
    from data_access.importing.tables import TABLES

    by.require("administer")
    known = {name: {ours.name for ours in table.fields} for name, table in TABLES.items()}
    known[EVERY] = set.union(*known.values())
    for table, fields in headers.items():
        for name in fields:
            if name not in known.get(table, ()):
                raise FileProblem(f"没有 {table}.{name} 这一列。", f"There is no column {table}.{name}.")
    before = county_headers()
    if headers == before:
        return
    words = tomli_w.dumps(
        {table: {name: list(own) for name, own in fields.items()} for table, fields in headers.items()}
    )
    try:
        with engine.begin() as connection:
            begin_writing(connection)
            record(connection, by, "setting-changed", "headers", {"headers": before}, {"headers": headers})
            replace_file(county_headers_file(), words)
    except SQLAlchemyError as error:
        raise unreachable(error, engine.url) from error


def titles_of(ours: Field, table: ImportTable) -> tuple[str, ...]:
    """The headers that a field is known by, the best first: our name, those shipped, and the county's.

    What the county says of a header stands before what is shipped: its word for one column is none for another.
    """
    added = county_headers()
    own = headers_in(added, table.name, ours.name)
    others = {
        title
        for other in table.fields
        if other.name != ours.name
        for title in headers_in(added, table.name, other.name)
    }
    return (ours.name, *(title for title in ours.headers if title not in others), *own)
