"""A county whose every text was written to harm whoever reads it: links, pictures, markup, formulas, long and reversed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    insert,
    literal_column,
    select,
    update,
)  # fmt: skip

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas import AREAS
from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.grid.tables import grid_event
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project, project_report
from data_access.areas.reports.tables import reported_indicator
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.database import begin_writing, engine_for
from data_access.evaluation.records import add_item, exclude_case
from data_access.evaluation.schemes import SHIPPED
from data_access.exploring.saved_views import SavedPlace, place_view, save_view
from data_access.model.batches import import_batch
from data_access.places.tables import county_setting, grid, township, village
from data_access.rollups import refresh
from sample_data.build import build
from sample_data.county import AS_OF, MONTHS

# What somebody wrote who may write: every free text of every table
WRITTEN: dict[Table, tuple[str, ...]] = {
    township: ("name", "kind"),
    village: ("name",),
    grid: ("name",),
    petition: (
        *("channel", "category_1", "category_2", "category_3", "title", "text", "petitioner", "phone"),
        *("department", "status", "invalid_reason"),
    ),
    camera: ("place", "kind"),
    camera_outage: ("cause",),
    volunteer_team: ("name", "kind"),
    volunteer_activity: ("kind",),
    project: ("name", "kind", "department", "note"),
    project_report: ("stage", "delay_reason"),
    grid_event: ("kind",),
    reported_indicator: ("area", "name_zh", "name_en", "unit"),
}
_LONGEST = 20_000


def hostile_texts(port: int) -> tuple[str, ...]:
    """Texts that reach for a listener at this port of the loopback, or would be more than words, in 40 characters."""
    host = f"127.0.0.1:{port}"
    return (
        f"![图](http://{host}/m)",
        f"[看](http://{host}/l)",
        f"<a href='http://{host}/h'>链",
        f"<img src=http://{host}/i>",
        f"http://{host}/auto",
        f'=HYPERLINK("http://{host}")',
        "\u200b＝1+1",
        ":red[红]:material/home::smile:$x^2$",
        "<svg onload=alert(1)><b>粗</b><br>",
        "\u202e反\u2066`码`\x07~~删~~",
        f"行\n\n# 题\n\n- ![n](http://{host}/n)",
        "**粗** & &lt;i&gt; a@example.com",
        f"</script><script src=//{host}/s>",
        "'\"><iframe src=javascript:alert(1)>",
    )


def _texts(port: int, first: int, count: int, most: int) -> Iterator[str]:
    """So many different texts, beginning with one of them; every fourth is as long as there is room for."""
    known = hostile_texts(port)
    for number in range(count):
        words = known[(first + number) % len(known)]
        mark = str(number) if number >= len(known) else ""
        if number % 4 == 3:
            words += "长" * most
        yield words[: most - len(mark)] + mark


# What each text is written over with: one statement a column, for these are some ten thousand
_WRITTEN_FOR = Table(
    "written_for", MetaData(), Column("before", Text, primary_key=True), Column("words", Text), prefixes=["TEMPORARY"]
)
# Of a column with more different values each text stands for several of them.
_MOST_TEXTS = 60


def _overwrite(connection: Connection, table: Table, name: str, port: int) -> None:
    column: Column[Any] = table.c[name]
    most = getattr(column.type, "length", None) or _LONGEST
    is_written = and_(column.is_not(None), column != "")
    old = connection.scalars(select(column).where(is_written).distinct().order_by(column)).all()
    if len(old) <= _MOST_TEXTS or most <= 64:
        texts = zip(old, _texts(port, len(name), len(old), most), strict=True)
        connection.execute(delete(_WRITTEN_FOR))
        connection.execute(insert(_WRITTEN_FOR), [{"before": before, "words": words} for before, words in texts])
        words_of = select(_WRITTEN_FOR.c.words).where(_WRITTEN_FOR.c.before == column).scalar_subquery()
        connection.execute(update(table).where(is_written).values({name: words_of}))
    else:
        row: ColumnElement[int] = literal_column("rowid")
        for number, words in enumerate(_texts(port, len(name), _MOST_TEXTS, most)):
            connection.execute(update(table).where(is_written, row % _MOST_TEXTS == number).values({name: words}))


def build_hostile(url: str, port: int) -> None:
    """Fill an empty database with it; what its texts reach for is at this port of the loopback."""
    build(url, petitions=4_000)
    links = hostile_texts(port)
    engine = engine_for(url)
    with engine.begin() as connection:
        begin_writing(connection)
        _WRITTEN_FOR.create(connection)
        for table, names in WRITTEN.items():
            for name in names:
                _overwrite(connection, table, name, port)
        connection.execute(
            update(county_setting).where(county_setting.c.name == "county_name").values(value=links[0] + links[2])
        )
        for area in AREAS:
            refresh(connection, area, as_of=AS_OF, registers_since=MONTHS[0])
        _write_batches(connection, links)
    _write_what_viewers_write(engine, links)


def _write_batches(connection: Connection, links: tuple[str, ...]) -> None:
    now = datetime(2023, 8, 31, 12)
    numbers = {"file_sha256": "0" * 64, "read": 1, "new": 1, "changed": 0, "unchanged": 0, "rejected": 0}
    connection.execute(
        insert(import_batch),
        [
            {"id": words, "number": number, "table_name": "petition", "file_name": words, **numbers}
            | {"started_at": now, "finished_at": now}
            for number, words in enumerate(links, 1)
        ],
    )


def _write_what_viewers_write(engine: Engine, links: tuple[str, ...]) -> None:
    question = {
        "parameters": {"count": ["received"], "by": ["category_1"]},
        "townships": {},
        "period": ["default"],
        "compare": "year",
        "names": {},
    }
    places: tuple[SavedPlace, ...] = ("overview", "screen", "")
    for place, words in zip(places, links, strict=False):
        described = "".join(links)[:500]
        kept = save_view(
            engine, name=words, description=described, question=question, is_shared=True, by=Viewer(links[1])
        )
        place_view(engine, kept, place, by=UNRESTRICTED)
    with engine.begin() as connection:
        begin_writing(connection)
        cases = connection.execute(
            select(petition.c.township_code, petition.c.case_no)
            .where(petition.c.closed_at >= datetime(2023, 8, 1))
            .order_by(petition.c.received_at.desc(), petition.c.case_no)
            .limit(len(links))
        ).all()
        for case, words in zip(cases, links, strict=True):
            number = (petition.c.township_code == case.township_code) & (petition.c.case_no == case.case_no)
            connection.execute(update(petition).where(number).values(case_no=words))
    exclude_case(engine, "2023-08", links[0], reason=links[2], by=Viewer(links[1]))
    for path in SHIPPED.glob("*.toml"):
        code = cases[0].township_code
        add_item(engine, path.stem, "2023-08", code, 1.0, reason=links[0], evidence=links[3], by=Viewer(links[1]))
