"""docs/first-day.md, followed to the letter: from no database to the first true page of another county."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import ROOT, Opener, Server, choose, settle, upload
from tests.postgresql_server import PostgreSQL

DOC = (ROOT / "docs" / "first-day.md").read_text("utf-8")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database that is not there, or has no tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path / 'county.sqlite').as_posix()}"
        return
    postgresql: PostgreSQL = request.getfixturevalue("postgresql")
    name = postgresql.create()
    yield postgresql.url(name)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The files that the page shows, by their names there."""
    names = re.findall(r"选 `(.*?\.csv)`", DOC)
    blocks = re.findall(r"```csv\n(.*?)```", DOC, re.DOTALL)
    made = {}
    for name, block in zip(names, blocks, strict=True):
        made[name] = tmp_path / name
        made[name].write_text(re.sub(r"^ +", "", block, flags=re.MULTILINE), "utf-8")
    return made


def told(words: str) -> str:
    """Words that the page tells to press or choose."""
    assert f"“{words}”" in DOC, words
    return words


def load(page: Page, table: str, file: Path) -> None:
    choose(page, told("装入哪张表"), told(table))
    upload(page, file)
    page.get_by_role("button", name=re.compile(f"^{told('装入')}")).click()
    expect(page.get_by_text(f"已装入{table}")).to_be_visible()


def test_by_the_pages(
    url: str, files: dict[str, Path], serve: Callable[[str], Server], open_page: Opener, tmp_path: Path
) -> None:
    server = serve(url)
    # What the server said of it as it started
    assert "还没有数据" in (tmp_path / "server0.log").read_text("utf-8")
    page = open_page("/", host=server.url)
    page.get_by_role("link", name=told("打开数据导入")).click()
    expect(page.get_by_text(told("各表的次序和现状"))).to_be_visible()
    load(page, "镇街名录", files["镇街.csv"])
    page.get_by_role("button", name=told("再装一个文件")).click()
    settle(page)
    load(page, "群众诉求", files["诉求.csv"])
    page.get_by_role("link", name=told("设置")).click()
    expect(page.get_by_role("heading", name=told("县名"))).to_be_visible()
    page.get_by_text(told("更改"), exact=True).first.click()
    page.get_by_role("textbox", name=told("县（市、区）名")).fill(told("云溪县"))
    page.get_by_role("button", name=told("保存"), exact=True).first.click()
    page.get_by_role("link", name=told("群众诉求"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("云溪县 · 群众诉求")
    figures = re.findall(
        r"([一-龥]{3,5}) ([\d.]+(?: 件|%))(?:（(.*?)）)?", DOC.partition("\n7. ")[2].partition("\n")[0]
    )
    assert len(figures) == 3
    for name, value, counts in figures:
        expect(page.locator(".kpi", has_text=name).first).to_contain_text(value)
        expect(page.locator(".kpi", has_text=name).first).to_contain_text(counts)


def test_by_the_commands(url: str, files: dict[str, Path], tmp_path: Path) -> None:
    commands = re.findall(r"^python -m (data_access\S+) (\S+) (\S+)$", DOC, re.MULTILINE)
    assert len(commands) == len(files)
    for module, table, name in commands:
        done = subprocess.run(
            [sys.executable, "-m", module, table, files[name]],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url, "IMPORT_MAPPINGS": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert f"新增 {len(files[name].read_text('utf-8').splitlines()) - 1}" in done.stdout
