"""Administrators make and change accounts and keys of walls on a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select

from data_access.access import UNRESTRICTED, Viewer
from data_access.accounts import administering
from data_access.accounts.signing_in import signed_in, viewer_named
from data_access.accounts.tables import account, wall_key
from data_access.accounts.wall_keys import id_of_key
from tests.counties import copied
from tests.page_contents import page

HERE = "10.0.0.9"
ADMINISTRATOR = Viewer("guanli", HERE)


@pytest.fixture
def url(sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: ADMINISTRATOR)
    return copied(sample_engine, tmp_path / "county.sqlite")


def field(app: Any, label: str) -> Any:
    return next(one for one in (*app.text_input, *app.selectbox, *app.multiselect) if one.label.startswith(label))


def press(app: Any, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception


def choose_row(app: Any, row: int) -> None:
    app.session_state["accounts"] = {"selection": {"rows": [row], "columns": []}}
    app.run()
    assert not app.exception


def password_told(app: Any) -> str:
    (told,) = (one.value for one in app.success)
    return re.sub(r"\\(.)", r"\1", told.rpartition("：")[2])


def test_an_account_is_made_and_its_password_shown_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("accounts", url, monkeypatch)
    field(app, "账号").set_value("wang")
    field(app, "姓名").set_value("王一")
    field(app, "角色").select("township_official")
    press(app, "建账号")
    # Of which townships is not said yet: nothing is made, and what was typed stays.
    assert "哪些镇街" in app.error[0].value
    assert field(app, "账号").value == "wang"
    field(app, "只看这些镇街").select("370883001")
    field(app, "只看这些承办单位").select("市水务局")
    press(app, "建账号")
    password = password_told(app)
    engine = create_engine(url)
    known = signed_in(engine, "wang", password, HERE)
    assert known.must_change
    assert (known.viewer.case_townships, known.viewer.case_departments) == ({"370883001"}, {"市水务局"})
    app.run()
    assert not app.success
    assert list(app.dataframe[0].value["账号"]) == ["wang"]
    engine.dispose()


@pytest.mark.parametrize("kind", ["oidc", "header"])
def test_an_account_has_no_password_where_others_ask_for_it(
    kind: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.accounts.people.identity", lambda: kind)
    engine = create_engine(url)
    # From before, when the dashboard asked itself
    administering.add(engine, UNRESTRICTED, "li", "李二", "viewer", "correct horse 7")
    app = page("accounts", url, monkeypatch)
    field(app, "账号").set_value("wang")
    field(app, "姓名").set_value("王一")
    press(app, "建账号")
    assert app.success[0].value == "已建账号 wang。"
    with engine.connect() as connection:
        assert connection.scalar(select(account.c.password_hash).where(account.c.name == "wang")) is None
    assert list(app.dataframe[0].value["状态"]) == ["在用", "在用"]
    choose_row(app, 0)
    assert not any(one.label == "重设口令" for one in app.button)
    engine.dispose()


def test_a_chosen_account_is_reset_locked_unlocked_and_given_another_role(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(url)
    administering.add(engine, UNRESTRICTED, "li", "李二", "viewer", "correct horse 7")
    app = page("accounts", url, monkeypatch)
    press_on = [("重设口令", "新口令"), ("锁定，并在各处退出", "已锁定"), ("解锁", "已解锁"), ("更改", "已更改")]
    for label, told in press_on:
        choose_row(app, 0)
        if label == "更改":
            # Of the two forms the first is that of the chosen account.
            field(app, "角色").select("clerk")
        press(app, label)
        assert told in app.success[0].value
        if label == "重设口令":
            assert signed_in(engine, "li", password_told(app), HERE).must_change
        with engine.connect() as connection:
            assert (viewer_named(connection, "li") is None) == (label == "锁定，并在各处退出")
    with engine.connect() as connection:
        assert connection.scalar(select(account.c.role_code)) == "clerk"
    engine.dispose()


def test_nobody_locks_or_changes_themselves(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(url)
    administering.add(engine, UNRESTRICTED, "guanli", "管理员", "administrator", "correct horse 7")
    app = page("accounts", url, monkeypatch)
    choose_row(app, 0)
    assert not any(one.label in ("更改", "锁定，并在各处退出") for one in app.button)
    engine.dispose()


def test_a_wall_gets_a_key_that_is_shown_once_and_revoked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(url)
    app = page("accounts", url, monkeypatch)
    field(app, "给哪块屏").set_value("指挥大厅")
    press(app, "发密钥")
    key = re.sub(r"\\(.)", r"\1", app.success[0].value).rpartition("key=")[2]
    with engine.connect() as connection:
        assert id_of_key(connection, key)
    press(app, "吊销")
    assert "已吊销" in app.success[0].value
    with engine.connect() as connection:
        assert id_of_key(connection, key) is None
        assert connection.scalar(select(wall_key.c.name)) == "指挥大厅"
    engine.dispose()
