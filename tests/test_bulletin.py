"""The bulletin's words are true of what they tell, and its files open again."""

from __future__ import annotations

import io
import math
import os
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docx import Document
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.evaluation.scoring import Counts
from ui import charts
from ui.bulletin.__main__ import main
from ui.bulletin.files import archive, document_bytes, files, sheets
from ui.bulletin.pictures import NoBrowser, figures, picture
from ui.bulletin.sentences import indicator_sentences, overall, problems, standing, to_handle
from ui.bulletin.told import Bulletin, bulletin


@pytest.fixture(scope="module")
def told(sample_engine: Engine) -> Bulletin:
    found = bulletin(sample_engine, UNRESTRICTED, "2023-08", "all_areas")
    scheme = replace(found.scheme, min_cases=0)
    return replace(
        found,
        scheme=scheme,
        shown=replace(found.shown, scheme=scheme).recounted(found.shown.counts),
        before=None if found.before is None else replace(found.before, scheme=scheme).recounted(found.before.counts),
    )


def with_counts(told: Bulletin, n: Any, d: Any) -> Bulletin:
    return replace(told, shown=told.shown.recounted(Counts(n, d)))


def test_places_scores_and_moves_are_the_tables(told: Bulletin) -> None:
    table = told.shown.table()
    for league in told.shown.field.members:
        sentences = "".join(standing(told, league))
        ranked = table[(table["league"] == league) & table["place"].notna()]
        for row in ranked.itertuples():
            if row.place <= 3 or row.place > len(ranked) - 3:
                assert f"{row.name}（{row.score:.2f} 分）" in sentences
        for name, places in re.findall(r"([^、；，的有：]+)（(\d+) 位）", sentences):
            own = told.shown.field.names.index(name)
            assert told.before is not None
            assert abs(told.before.place[own] - told.shown.place[own]) == int(places)


def test_who_did_not_report_is_named_with_what_is_missing(told: Bulletin) -> None:
    sentences = "".join(overall(told))
    assert "郭里镇（缺" in sentences
    assert "活跃队伍率" in sentences.split("郭里镇（缺")[1]
    assert f"参加排名的镇街 {int((~np.isnan(told.shown.place)).sum())} 个" in sentences


def test_the_first_month_compares_with_nothing(told: Bulletin) -> None:
    first = replace(told, before=None)
    words = "".join(
        [
            *overall(first),
            *indicator_sentences(first),
            *(s for league in ("街道", "镇") for s in standing(first, league)),
        ]
    )
    assert "上月" not in words
    assert "变化" not in dict(figures(first))


def test_the_indicators_are_sums_over_sums(told: Bulletin) -> None:
    position = next(place for place, one in enumerate(told.shown.criteria) if one.key == "on_time_rate")
    n, d = told.shown.counts.n[:, position], told.shown.counts.d[:, position]
    assert any(
        sentence.startswith(f"按期办结率{100 * n.sum() / d.sum():.1f}%") for sentence in indicator_sentences(told)
    )


def test_problems_are_where_points_are_lost(told: Bulletin) -> None:
    found = problems(told)
    assert 1 <= len(found) <= 3
    shares = [int(re.findall(r"的 (\d+)%", sentence)[0]) for _, sentence in found]
    assert shares == sorted(shares, reverse=True)
    n, d = told.shown.counts.n.copy(), told.shown.counts.d.copy()
    for position, one in enumerate(told.shown.criteria):
        n[:, position] = 0 if one.indicator.direction == "lower" else d[:, position]
    assert problems(with_counts(told, n, d)) == []


def test_nothing_known_is_said_so(told: Bulletin) -> None:
    nothing = np.full(told.shown.counts.n.shape, math.nan)
    empty = with_counts(told, nothing, nothing)
    assert overall(empty) == ["本月没有可以排名的镇街。"]
    assert all("没有参加排名" in "".join(standing(empty, league)) for league in empty.shown.field.members)
    assert "没有数据" in indicator_sentences(empty)[0]
    assert document_bytes(empty, {}, "", date(2023, 9, 5))


def test_the_list_to_handle_has_the_numbers(told: Bulletin) -> None:
    rows = to_handle(told)
    overdue = [row for row in rows if row[1] == "全部超期诉求"]
    assert [row[2].split(" ")[0] for row in overdue] == [str(n) for n in told.overdue["overdue"].head(8)]


def test_the_document_is_whole(told: Bulletin) -> None:
    document = Document(io.BytesIO(document_bytes(told, {}, "县评比办", date(2023, 9, 5))))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == f"{told.county.name}2023年8月\n镇街工作评比通报"
    for heading in ("一、总体情况", "二、名次和变化", "三、主要指标", "四、突出问题", "五、需要办理的事项"):
        assert heading in texts
    assert texts[-2:] == ["县评比办", "2023年9月5日"]
    assert sum(len(table.rows) - 1 for table in document.tables[:2]) == 16
    assert not any("nan" in text or "None" in text for text in texts)
    assert not any("nan" in cell.text for table in document.tables for row in table.rows for cell in row.cells)


def test_the_workbook_opens_with_numbers_and_formulas(told: Bulletin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.bulletin.files.pictures", lambda _told: {})
    made = files(told)
    (name,) = [name for name in made if name.endswith(".xlsx")]
    book = load_workbook(io.BytesIO(made[name]))
    assert book.sheetnames == [sheet.name for sheet in sheets(told)]
    for page in book:
        assert "数据截至 2023-08-31" in page["A2"].value
        assert page.freeze_panes == "A5"
        assert page["A4"].font.bold
    scores = book["得分"]
    criteria = len(told.shown.criteria)
    assert scores.cell(4, criteria + 5).value == "得分"
    for row, told_row in zip(scores.iter_rows(min_row=5), told.shown.table().to_dict("records"), strict=True):
        *cells, formula = row
        first, last = re.findall(r"SUM\(([A-Z]+)\d+:([A-Z]+)\d+\)", formula.value)[0]
        added = [scores[f"{column}{row[0].row}"].value for column in (first, last)]
        assert added == [cells[3].value, cells[3 + criteria].value]
        values = [cell.value for cell in cells[3 : 4 + criteria]]
        if told_row["is_reported"]:
            assert sum(values) == pytest.approx(told_row["score"], abs=1e-3)
        else:
            assert None in values
    assert scores.conditional_formatting


def test_without_a_browser_the_document_says_so(told: Bulletin, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> bytes:
        raise NoBrowser

    monkeypatch.setattr("ui.bulletin.pictures.picture", none)
    made = files(told)
    assert not any(name.endswith(".png") for name in made)
    (name,) = [name for name in made if name.endswith(".docx")]
    texts = [paragraph.text for paragraph in Document(io.BytesIO(made[name])).paragraphs]
    assert any("图未附" in text for text in texts)


def test_pictures_are_sixteen_to_nine(told: Bulletin) -> None:
    title, figure = next(iter(figures(told).values()))
    try:
        png = picture(title, figure)
    except NoBrowser as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no browser draws pictures here: {reason}")
    image = Image.open(io.BytesIO(png))
    assert image.size == (1920, 1080)
    colours = image.convert("RGB").resize((96, 54)).getcolors(96 * 54)
    assert colours is not None
    assert len(colours) > 3

    # Forty townships: names that are not set over each other.
    names = [f"某某高新技术产业街道{number}" for number in range(40)]
    many = charts.shares(names, [90.0] * 40, axis="得分（分）", texts=names, keys=names, height=540)
    assert Image.open(io.BytesIO(picture(title, many))).size == (1920, 2 * (140 + 22 * 40))


def test_the_command_writes_what_the_page_packs(
    sample_url: str, sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("ui.bulletin.files.pictures", lambda _told: {})
    assert main(["2023-07", "--out", str(tmp_path / "out"), "--url", sample_url, "--scheme", "three_rates"]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    with zipfile.ZipFile(
        io.BytesIO(archive(bulletin(sample_engine, UNRESTRICTED, "2023-07", "three_rates")))
    ) as packed:
        assert set(packed.namelist()) == names
    # Without a month: the last one that is finished
    assert main(["--out", str(tmp_path / "last"), "--url", sample_url, "--scheme", "three_rates"]) == 0
    assert all("2023年8月" in path.name for path in (tmp_path / "last").iterdir())
    capsys.readouterr()
    assert main(["1999-01", "--url", sample_url]) == 1
    assert "没有 1999-01 的数据" in capsys.readouterr().err
    assert main(["2023-07", "--url", sample_url, "--scheme", "none"]) == 1
    assert "three_rates" in capsys.readouterr().err


def test_an_unfinished_month_says_so_and_ranks_nobody(told: Bulletin) -> None:
    until = datetime(2023, 8, 6, 23)
    county = replace(told.county, as_of={**told.county.as_of, "petitions": until})
    shown = replace(told.shown, unfinished=until).recounted(told.shown.counts)
    part = replace(told, county=county, shown=shown, before=None)
    assert overall(part) == ["本月未完（群众诉求本月数据只到 6 日），不排名。"]
    document = Document(io.BytesIO(document_bytes(part, {}, "", date(2023, 9, 5))))
    assert any("2023年8月（未完，群众诉求本月数据只到 6 日）" in part.text for part in document.paragraphs)
    assert set(sheets(part)[0].table["名次"]) == {"未完"}
    assert all("最高" not in title for title, _ in figures(part).values())


def test_who_has_no_place_is_listed_with_the_reason(told: Bulletin) -> None:
    places = dict(sheets(told)[0].table[["镇街", "名次"]].to_numpy())
    assert places["郭里镇"] == "未报"
    assert sheets(told)[0].table["镇街"].iloc[-1] == "郭里镇"
    states = sheets(told)[1].table
    assert set(states[states["镇街"] == "郭里镇"]["状态"]) == {"", "未报", "无业务"}
