"""Making and changing the accounts of others. An account is locked, never deleted: its name stays in the record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from data_access.access import UNRESTRICTED, Viewer
from data_access.accounts.passwords import hashed, require_strong
from data_access.accounts.problems import AccountProblem
from data_access.accounts.tables import account, account_department, account_township, role
from data_access.audit.deeds import record, told_by
from data_access.database import begin_writing
from data_access.places.tables import township

ADMINISTRATOR = "administrator"
_LONGEST_NAME, _LONGEST_FULL_NAME = 120, 64


@contextmanager
def _changing(engine: Engine, by: Viewer) -> Iterator[Connection]:
    by.require("administer")
    with engine.begin() as connection:
        begin_writing(connection)
        yield connection


def any_accounts(connection: Connection) -> bool:
    """Whether there is an account."""
    return connection.execute(select(account.c.name).limit(1)).first() is not None


def roles(connection: Connection) -> Sequence[RowMapping]:
    """code, name_zh and name_en of the roles that an account can have, in their order."""
    return (
        connection.execute(select(role.c.code, role.c.name_zh, role.c.name_en).order_by(role.c.position))
        .mappings()
        .all()
    )


def listed(connection: Connection, by: Viewer) -> list[dict[str, Any]]:
    """All accounts by name, without the hashes of passwords; ``townships`` (names) and ``departments``: none for all."""
    by.require("administer")
    columns = [column for column in account.c if column.name != "password_hash"]
    people = select(
        *columns, account.c.password_hash.is_not(None).label("has_password"), role.c.name_zh, role.c.name_en
    )
    own = select(account_township.c.account_name, township.c.name).join_from(account_township, township)
    townships: dict[str, list[str]] = {}
    for name, place in connection.execute(own.order_by(township.c.code)):
        townships.setdefault(name, []).append(place)
    departments: dict[str, list[str]] = {}
    for name, department in connection.execute(select(account_department).order_by(account_department.c.department)):
        departments.setdefault(name, []).append(department)
    found = connection.execute(people.join_from(account, role).order_by(account.c.name)).mappings()
    return [
        {**row, "townships": townships.get(row["name"], []), "departments": departments.get(row["name"], [])}
        for row in found
    ]


def add(
    engine: Engine,
    by: Viewer,
    name: str,
    full_name: str,
    role_code: str,
    password: str | None,
    townships: Collection[str] = (),
    departments: Collection[str] = (),
) -> None:
    """Make an account; ``password`` is changed at the first sign-in, None where a proxy or an identity service signs them in.

    ``townships`` (codes), ``departments``: those whose cases they may see; none for all. Raises AccountProblem, NotAllowed.
    """
    values = _new(name, full_name, password)
    with _changing(engine, by) as connection:
        _insert(connection, by, {**values, "must_change": password is not None}, role_code, townships, departments)


def add_first(engine: Engine, name: str, full_name: str, password: str, address: str) -> None:
    """Make the first account, an administrator's, who chose the password. Raises AccountProblem where there is one already."""
    values = _new(name, full_name, password)
    with _changing(engine, UNRESTRICTED) as connection:
        if any_accounts(connection):
            raise AccountProblem(
                "已经有账号了，这个链接不再有效，请登录。", "There are accounts already: this link is used up. Sign in."
            )
        _insert(connection, Viewer(name, address), {**values, "must_change": False}, ADMINISTRATOR)


def _new(name: str, full_name: str, password: str | None) -> dict[str, Any]:
    for words, longest in ((name, _LONGEST_NAME), (full_name, _LONGEST_FULL_NAME)):
        if not words.strip() or words != words.strip() or len(words) > longest or not words.isprintable():
            raise AccountProblem(
                f"账号和姓名都要填，前后没有空格，账号最多 {_LONGEST_NAME} 个字符，姓名最多 {_LONGEST_FULL_NAME} 个。",
                f"Give an account name (up to {_LONGEST_NAME} characters) and a full name (up to {_LONGEST_FULL_NAME}), "
                "without spaces around them.",
            )
    if password is not None:
        require_strong(name, password)
    return {
        "name": name,
        "full_name": full_name,
        "password_hash": None if password is None else hashed(password),
        "failures": 0,
        "is_locked": False,
        "epoch": 0,
        "created_at": datetime.now().replace(microsecond=0),
    }


def _insert(
    connection: Connection,
    by: Viewer,
    values: dict[str, Any],
    role_code: str,
    townships: Collection[str] = (),
    departments: Collection[str] = (),
) -> None:
    if connection.execute(select(account.c.name).where(account.c.name == values["name"])).first():
        zh, en = told_by(connection, ["account-added"], values["name"], "建", "made it")
        raise AccountProblem(
            f"已经有这个账号了，请另取一个：{zh}。", f"There is an account of this name already, choose another: {en}."
        )
    _require_role(connection, role_code)
    connection.execute(insert(account).values(**values, role_code=role_code))
    _set_townships(connection, values["name"], townships)
    _set_departments(connection, values["name"], departments)
    record(connection, by, "account-added", values["name"], after=_seen(connection, values["name"]))


def _require_role(connection: Connection, role_code: str) -> None:
    known = [row["code"] for row in roles(connection)]
    if role_code not in known:
        raise AccountProblem(
            f"没有这个角色，可以是 {'、'.join(known)}。", f"There is no such role; there are {', '.join(known)}."
        )


def _set_townships(connection: Connection, name: str, townships: Collection[str]) -> None:
    codes = set(townships)
    of_role = select(role.c.is_of_townships).join(account).where(account.c.name == name)
    if not codes and connection.scalar(of_role):
        raise AccountProblem(
            "这个角色只看自己镇街的诉求，请写明是哪些镇街。",
            "This role sees the cases of its own townships: say which.",
        )
    if codes - set(connection.scalars(select(township.c.code).where(township.c.code.in_(codes)))):
        raise AccountProblem("有的镇街代码不存在。", "Some of the townships' codes do not exist.")
    connection.execute(delete(account_township).where(account_township.c.account_name == name))
    if codes:
        connection.execute(
            insert(account_township), [{"account_name": name, "township_code": code} for code in sorted(codes)]
        )


def _set_departments(connection: Connection, name: str, departments: Collection[str]) -> None:
    connection.execute(delete(account_department).where(account_department.c.account_name == name))
    if departments:
        connection.execute(
            insert(account_department), [{"account_name": name, "department": one} for one in sorted(set(departments))]
        )


def _seen(connection: Connection, name: str) -> dict[str, Any]:
    """What the audit log tells of an account."""
    columns = (account.c.full_name, account.c.role_code, account.c.is_locked, account.c.must_change)
    found = connection.execute(select(*columns).where(account.c.name == name)).mappings().first()
    townships = select(account_township.c.township_code).where(account_township.c.account_name == name)
    departments = select(account_department.c.department).where(account_department.c.account_name == name)
    return {
        **(found or {}),
        "townships": sorted(connection.scalars(townships)),
        "departments": sorted(connection.scalars(departments)),
    }


def _change(
    connection: Connection,
    by: Viewer,
    name: str,
    epoch: int | None,
    cases: tuple[Collection[str], Collection[str]] | None = None,
    **values: Any,
) -> None:
    """Change an account, and the townships and departments of its cases unless None; ends its sessions.

    ``epoch``: the account's where whoever changes it has seen it (None: as it is): what somebody did to it since stays.
    """
    before = _seen(connection, name)
    if "role_code" not in before:
        raise AccountProblem("没有这个账号。", "There is no such account.")
    if epoch is not None and epoch != connection.scalar(select(account.c.epoch).where(account.c.name == name)):
        kinds = ("account-changed", "password-changed", "signed-out")
        zh, en = told_by(connection, kinds, name, "改动过它", "has changed it")
        raise AccountProblem(f"没有再改：{zh}，请看过再来。", f"Nothing was changed: {en}. Look again first.")
    connection.execute(update(account).where(account.c.name == name).values(**values, epoch=account.c.epoch + 1))
    if cases is not None:
        _set_townships(connection, name, cases[0])
        _set_departments(connection, name, cases[1])
    what = {"password": "reset"} if "password_hash" in values else {}
    record(connection, by, "account-changed", name, before, {**_seen(connection, name), **what})


# ``epoch``: the account's as whoever changes it has seen it; where it has been changed since, AccountProblem says by whom


def reset(engine: Engine, by: Viewer, name: str, password: str, epoch: int | None = None) -> None:
    """Give an account another password, which is changed at the next sign-in. Raises AccountProblem, NotAllowed."""
    require_strong(name, password)
    password_hash = hashed(password)
    with _changing(engine, by) as connection:
        _change(
            connection, by, name, epoch, password_hash=password_hash, must_change=True, failures=0, locked_until=None
        )


def lock(engine: Engine, by: Viewer, name: str, epoch: int | None = None) -> None:
    """Let an account no longer sign in, and end its sessions. Raises AccountProblem, NotAllowed."""
    with _changing(engine, by) as connection:
        _change(connection, by, name, epoch, is_locked=True)


def unlock(engine: Engine, by: Viewer, name: str, epoch: int | None = None) -> None:
    """Let an account sign in again, also after failures. Raises AccountProblem, NotAllowed."""
    with _changing(engine, by) as connection:
        _change(connection, by, name, epoch, is_locked=False, failures=0, locked_until=None)


def change_role(
    engine: Engine,
    by: Viewer,
    name: str,
    role_code: str,
    townships: Collection[str] = (),
    departments: Collection[str] = (),
    epoch: int | None = None,
) -> None:
    """Give an account another role, and the townships (codes) and departments of its cases, none for all.

    Raises AccountProblem, NotAllowed.
    """
    with _changing(engine, by) as connection:
        _require_role(connection, role_code)
        _change(connection, by, name, epoch, (townships, departments), role_code=role_code)
