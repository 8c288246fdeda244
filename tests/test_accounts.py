"""Accounts: passwords, sign-in, locks, roles, and the keys of walls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Engine, delete, insert, select, update

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.accounts import administering, passwords, signing_in, wall_keys
from data_access.accounts.__main__ import main
from data_access.accounts.problems import AccountProblem, NotSignedIn
from data_access.accounts.signing_in import account_named, change_password, sign_out, signed_in, viewer_named
from data_access.accounts.tables import account, account_township, wall_key
from data_access.areas.petitions.tables import petition
from data_access.audit.tables import deed
from data_access.database import engine_for
from data_access.rollups import refresh
from tests.counties import three_townships

PASSWORD, OTHER = "correct horse 7", "staple battery 8"
HERE = "10.0.0.9"
# Before a fixture makes it quick
HASHER = passwords._hasher


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with three_townships(tmp_path) as made:
        administering.add(made, UNRESTRICTED, "wang", "王一", "clerk", PASSWORD)
        yield made


def row(engine: Engine, name: str = "wang") -> object:
    with engine.connect() as connection:
        return connection.execute(select(account).where(account.c.name == name)).one()


def epoch(engine: Engine) -> int:
    with engine.connect() as connection:
        found = account_named(connection, "wang")
    assert found
    return found.epoch


# --- Passwords --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "too few",
        "a" * 300,
        "password123",
        "1234567890",
        "Qwertyuiop",
        "1q2w3e4r5t",
        "aaaaaaaaaaaa",
        "gnimoaixgnaw",
        "wangxiaoming",
        "WangXiaoMing",
        "wangxiaoming1990",
    ],
)
def test_what_is_easily_guessed_is_no_password(password: str, engine: Engine) -> None:
    with pytest.raises(AccountProblem) as caught:
        administering.add(engine, UNRESTRICTED, "wangxiaoming", "王小明", "viewer", password)
    assert password not in str(caught.value)


def test_passwords_are_kept_as_argon2id(engine: Engine) -> None:
    assert row(engine).password_hash.startswith("$argon2id$")  # type: ignore[attr-defined]
    # As it is where no fixture makes it quick
    assert HASHER.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert len(passwords._COMMON) > 300


def test_a_name_that_is_none_costs_the_work_of_a_password() -> None:
    assert not HASHER.check_needs_rehash(passwords._NOBODYS)
    with pytest.raises(VerifyMismatchError):
        HASHER.verify(passwords._NOBODYS, PASSWORD)
    assert not passwords.matches(None, PASSWORD)


# --- Signing in -------------------------------------------------------------------------------------


def test_who_knows_the_password_comes_in_with_the_rights_of_the_role(engine: Engine) -> None:
    known = signed_in(engine, "wang", PASSWORD, HERE)
    assert (known.name, known.full_name, known.role, known.must_change) == ("wang", "王一", "clerk", True)
    assert known.viewer.may("import")
    assert not known.viewer.may("persons")
    assert known.viewer.case_townships is None
    with engine.connect() as connection:
        assert viewer_named(connection, "wang") == known.viewer
        assert viewer_named(connection, "li") is None


def test_all_who_do_not_come_in_hear_the_same_after_the_same_work(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    administering.add(engine, UNRESTRICTED, "locked", "李二", "viewer", PASSWORD)
    administering.lock(engine, UNRESTRICTED, "locked")
    administering.add(engine, UNRESTRICTED, "elsewhere", "张三", "viewer", None)
    compared: list[bool] = []

    def counted(password_hash: str | None, password: str) -> bool:
        compared.append(True)
        return passwords.matches(password_hash, password)

    monkeypatch.setattr(signing_in, "matches", counted)
    tries = [("nobody", PASSWORD), ("wang", OTHER), ("locked", PASSWORD), ("elsewhere", PASSWORD), ("wang", "")]
    told = set()
    for name, password in tries:
        with pytest.raises(NotSignedIn) as caught:
            signed_in(engine, name, password, HERE)
        told.add(str(caught.value))
    assert len(told) == 1
    assert len(compared) == len(tries)


def test_five_failures_lock_for_a_quarter_of_an_hour(engine: Engine) -> None:
    for _ in range(signing_in.MOST_FAILURES):
        with pytest.raises(NotSignedIn):
            signed_in(engine, "wang", OTHER, HERE)
    before = epoch(engine)
    with pytest.raises(NotSignedIn):
        signed_in(engine, "wang", PASSWORD, HERE)
    # Who is signed in already stays so: otherwise anybody could put anybody out.
    assert epoch(engine) == before
    with engine.begin() as connection:
        left = connection.scalar(select(account.c.locked_until)) - datetime.now()
        assert timedelta(minutes=13) < left <= timedelta(minutes=15)
        connection.execute(update(account).values(locked_until=datetime.now() - timedelta(seconds=2)))
    # One more failure does not lock again.
    with pytest.raises(NotSignedIn):
        signed_in(engine, "wang", OTHER, HERE)
    assert signed_in(engine, "wang", PASSWORD, HERE)
    assert row(engine).failures == 0  # type: ignore[attr-defined]


def test_tries_at_once_are_all_counted(engine: Engine) -> None:
    def comes_in(password: str) -> bool:
        try:
            return bool(signed_in(engine, "wang", password, HERE))
        except NotSignedIn:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(comes_in, [OTHER] * 8))
    assert row(engine).failures == signing_in.MOST_FAILURES  # type: ignore[attr-defined]
    assert not comes_in(PASSWORD)


def test_whoever_chooses_a_password_ends_the_other_sessions(engine: Engine) -> None:
    before = epoch(engine)
    with pytest.raises(NotSignedIn):
        change_password(engine, "wang", OTHER, OTHER, HERE)
    for new in (PASSWORD, "short"):
        with pytest.raises(AccountProblem):
            change_password(engine, "wang", PASSWORD, new, HERE)
    changed = change_password(engine, "wang", PASSWORD, OTHER, HERE)
    assert (changed.must_change, changed.epoch) == (False, before + 1)
    assert signed_in(engine, "wang", OTHER, HERE)
    with pytest.raises(NotSignedIn):
        signed_in(engine, "wang", PASSWORD, HERE)


# --- Administering ----------------------------------------------------------------------------------


def test_each_change_ends_the_sessions(engine: Engine) -> None:
    epochs = [epoch(engine)]
    administering.reset(engine, UNRESTRICTED, "wang", OTHER)
    epochs.append(epoch(engine))
    assert signed_in(engine, "wang", OTHER, HERE).must_change
    administering.change_role(engine, UNRESTRICTED, "wang", "township_official", ["100000001"])
    epochs.append(epoch(engine))
    administering.lock(engine, UNRESTRICTED, "wang")
    with engine.connect() as connection:
        assert viewer_named(connection, "wang") is None
    administering.unlock(engine, UNRESTRICTED, "wang")
    epochs.append(epoch(engine))
    sign_out(engine, Viewer("wang", HERE), everywhere=False)
    assert epoch(engine) == epochs[-1]
    sign_out(engine, Viewer("wang", HERE), everywhere=True)
    epochs.append(epoch(engine))
    assert epochs == sorted(set(epochs))
    with engine.connect() as connection:
        viewer = viewer_named(connection, "wang")
    assert viewer
    assert viewer.case_townships == {"100000001"}
    assert viewer.rights == {"cases", "persons", "report"}


def test_only_administrators_change_accounts(engine: Engine) -> None:
    clerk = Viewer("li", rights=frozenset({"cases", "import", "evaluate", "undo_any"}))
    asked = (
        lambda: administering.add(engine, clerk, "li", "李", "administrator", PASSWORD),
        lambda: administering.reset(engine, clerk, "wang", OTHER),
        lambda: administering.lock(engine, clerk, "wang"),
        lambda: administering.unlock(engine, clerk, "wang"),
        lambda: administering.change_role(engine, clerk, "wang", "administrator"),
        lambda: administering.listed(engine.connect(), clerk),
        lambda: wall_keys.make_key(engine, clerk, "大厅"),
        lambda: wall_keys.keys(engine.connect(), clerk),
        lambda: wall_keys.revoke_key(engine, clerk, "x"),
    )
    before = row(engine)
    for ask in asked:
        with pytest.raises(NotAllowed):
            ask()
    assert row(engine) == before


def test_what_is_not_there_cannot_be_given(engine: Engine) -> None:
    asked = (
        lambda: administering.add(engine, UNRESTRICTED, "wang", "王", "viewer", PASSWORD),
        lambda: administering.add(engine, UNRESTRICTED, "li", "李", "emperor", PASSWORD),
        lambda: administering.add(engine, UNRESTRICTED, "li", "李", "viewer", PASSWORD, ["999"]),
        lambda: administering.add(engine, UNRESTRICTED, " li", "李", "viewer", PASSWORD),
        lambda: administering.add(engine, UNRESTRICTED, "li\n", "李", "viewer", PASSWORD),
        lambda: administering.add_first(engine, "li", "李", PASSWORD, HERE),
        lambda: administering.lock(engine, UNRESTRICTED, "nobody"),
        lambda: administering.change_role(engine, UNRESTRICTED, "wang", "emperor"),
    )
    for ask in asked:
        with pytest.raises(AccountProblem):
            ask()
    with engine.connect() as connection:
        (only,) = administering.listed(connection, UNRESTRICTED)
    assert (only["name"], only["role_code"], only["townships"], "password_hash" in only) == ("wang", "clerk", [], False)


def test_the_first_account_is_an_administrators(tmp_path: Path) -> None:
    with three_townships(tmp_path) as engine:
        administering.add_first(engine, "li", "李二", PASSWORD, HERE)
        known = signed_in(engine, "li", PASSWORD, HERE)
    assert known.viewer.may("administer")
    assert not known.must_change


def test_what_is_done_with_accounts_is_recorded_without_passwords_and_mistyped_names(engine: Engine) -> None:
    def recorded() -> list[tuple[str, ...]]:
        with engine.connect() as connection:
            found = connection.execute(select(deed).order_by(deed.c.number)).all()
        assert not any(word in str(found) for word in (PASSWORD, OTHER, "argon2", key))
        return [(one.kind, one.done_by, one.done_from, one.subject) for one in found]

    key = wall_keys.make_key(engine, UNRESTRICTED, "大厅")
    chief = Viewer("zhao", "10.0.0.1")
    with pytest.raises(NotSignedIn):
        signed_in(engine, OTHER, PASSWORD, HERE)
    with pytest.raises(NotSignedIn):
        signed_in(engine, "wang", OTHER, HERE)
    signed_in(engine, "wang", PASSWORD, HERE)
    change_password(engine, "wang", PASSWORD, OTHER, HERE)
    sign_out(engine, Viewer("wang", HERE), everywhere=True)
    administering.lock(engine, chief, "wang")
    told = recorded()
    assert [one for one in told if one[0] != "wall-key-made"] == [
        ("account-added", "", "", "wang"),
        ("sign-in-failed", "", HERE, ""),
        ("sign-in-failed", "", HERE, "wang"),
        ("signed-in", "wang", HERE, "wang"),
        ("password-changed", "wang", HERE, "wang"),
        ("signed-out", "wang", HERE, "wang"),
        ("account-changed", "zhao", "10.0.0.1", "wang"),
    ]


# --- Walls ------------------------------------------------------------------------------------------


def test_a_wall_sees_figures_until_its_key_is_revoked(engine: Engine) -> None:
    key = wall_keys.make_key(engine, UNRESTRICTED, "大厅")
    with engine.connect() as connection:
        assert key not in str(connection.execute(select(wall_key)).all())
        key_id = wall_keys.id_of_key(connection, key)
        assert key_id
        wall = wall_keys.wall_of(connection, key_id)
        assert wall_keys.id_of_key(connection, key + "x") is None
    assert wall
    assert (wall.viewer.rights, wall.viewer.case_townships) == (frozenset(), frozenset())
    wall_keys.revoke_key(engine, UNRESTRICTED, key_id)
    with engine.connect() as connection:
        assert wall_keys.id_of_key(connection, key) is None
        assert wall_keys.wall_of(connection, key_id) is None
        (listed,) = wall_keys.keys(connection, UNRESTRICTED)
    assert listed["revoked_at"]
    with pytest.raises(AccountProblem):
        wall_keys.revoke_key(engine, UNRESTRICTED, key_id)


# --- Commands ---------------------------------------------------------------------------------------


def test_the_commands(engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string())
    words = "add li --full-name 李二 --role township_official --townships 钢山街道，100000002 --make-password"
    assert main(words.split()) == 0
    password = capsys.readouterr().out.splitlines()[0].rpartition("：")[2]
    assert signed_in(engine, "li", password, HERE).viewer.case_townships == {"100000001", "100000002"}
    assert main(["list"]) == 0
    assert "钢山街道、香城镇" in capsys.readouterr().out
    given = iter([OTHER, OTHER, OTHER, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(given))
    assert main(["reset", "li"]) == 0
    assert signed_in(engine, "li", OTHER, HERE)
    assert main(["reset", "li"]) == 1
    for words in ("lock li", "unlock li", "role li --role viewer", "add zhao --role viewer --no-password"):
        assert main(words.split()) == 0, words
    assert main(["role", "li", "--role", "viewer", "--townships", "没有镇"]) == 1
    assert main(["role", "li", "--role", "duty_officer", "--department", "没有局"]) == 1
    assert "没有局" in capsys.readouterr().err
    with engine.begin() as connection:
        case = {"township_code": "100000001", "case_no": "甲1", "received_at": datetime(2023, 8, 1)}
        connection.execute(insert(petition).values(**case, department="水务局"))
        refresh(connection, "petitions")
    assert main(["role", "li", "--role", "duty_officer", "--department", "水务局"]) == 0
    capsys.readouterr()
    assert main(["list"]) == 0
    assert "承办单位水务局" in capsys.readouterr().out
    with engine.connect() as connection:
        known = viewer_named(connection, "li")
        before, after = connection.execute(
            select(deed.c.before, deed.c.after).where(deed.c.kind == "account-changed").order_by(deed.c.number.desc())
        ).first() or ("", "")
    assert known is not None
    assert (known.case_departments, known.case_townships) == ({"水务局"}, None)
    assert (json.loads(before)["departments"], json.loads(after)["departments"]) == ([], ["水务局"])
    assert main(["wall-add", "大厅"]) == 0
    told = capsys.readouterr()
    assert OTHER not in told.out + told.err
    assert main(["wall-list"]) == 0
    assert main(["wall-revoke", capsys.readouterr().out.split()[0]]) == 0


def test_a_database_that_is_away_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'none.sqlite'}"
    assert main(["list", "--url", url]) == 1
    assert "none.sqlite" in capsys.readouterr().err
    engine_for(url).dispose()


def test_a_role_of_townships_needs_some_and_sees_no_cases_without(engine: Engine) -> None:
    with pytest.raises(AccountProblem, match="哪些镇街"):
        administering.add(engine, UNRESTRICTED, "zhao", "赵三", "township_official", PASSWORD)
    administering.add(engine, UNRESTRICTED, "zhao", "赵三", "township_official", PASSWORD, ["100000001"])
    with engine.begin() as connection:
        connection.execute(delete(account_township).where(account_township.c.account_name == "zhao"))
        seen = viewer_named(connection, "zhao")
    assert seen is not None
    assert seen.of_cases().townships == frozenset()
