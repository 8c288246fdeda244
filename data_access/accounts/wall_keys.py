"""Keys of walls: whoever has one sees figures on /screen without signing in, until it is revoked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from data_access.access import Viewer
from data_access.accounts.problems import AccountProblem
from data_access.accounts.signing_in import Account
from data_access.accounts.tables import wall_key
from data_access.audit.deeds import record, told_by
from data_access.database import begin_writing

_LONGEST_NAME = 64


def _digest(key: str) -> str:
    # No argon2: a key of 32 random bytes is not guessed.
    return sha256(key.encode()).hexdigest()


def make_key(engine: Engine, by: Viewer, name: str) -> str:
    """A new key for the wall of that name; it is not kept, so it is shown once. Raises AccountProblem, NotAllowed."""
    by.require("administer")
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise AccountProblem(
            f"请给墙屏起个名字，最多 {_LONGEST_NAME} 个字符。",
            f"Give the wall a name of up to {_LONGEST_NAME} characters.",
        )
    key, key_id = secrets.token_urlsafe(32), secrets.token_hex(4)
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(
            insert(wall_key).values(
                id=key_id,
                name=name.strip(),
                sha256=_digest(key),
                created_at=datetime.now().replace(microsecond=0),
            )
        )
        record(connection, by, "wall-key-made", key_id, after={"name": name.strip()})
    return key


def keys(connection: Connection, by: Viewer) -> Sequence[RowMapping]:
    """id, name, created_at and revoked_at of all keys, the latest first. Raises NotAllowed."""
    by.require("administer")
    columns = (wall_key.c.id, wall_key.c.name, wall_key.c.created_at, wall_key.c.revoked_at)
    return connection.execute(select(*columns).order_by(wall_key.c.created_at.desc(), wall_key.c.id)).mappings().all()


def revoke_key(engine: Engine, by: Viewer, key_id: str) -> None:
    """Let a key open nothing from now on. Raises AccountProblem, NotAllowed."""
    by.require("administer")
    with engine.begin() as connection:
        begin_writing(connection)
        in_use = (wall_key.c.id == key_id, wall_key.c.revoked_at.is_(None))
        if connection.scalar(select(wall_key.c.id).where(*in_use)) is None:
            if connection.scalar(select(wall_key.c.id).where(wall_key.c.id == key_id)) is None:
                raise AccountProblem("没有这个密钥。", "There is no such key.")
            zh, en = told_by(connection, ["wall-key-revoked"], key_id, "吊销", "revoked it")
            raise AccountProblem(f"这个密钥不能再吊销：{zh}。", f"The key is revoked already: {en}.")
        connection.execute(update(wall_key).where(*in_use).values(revoked_at=datetime.now().replace(microsecond=0)))
        record(connection, by, "wall-key-revoked", key_id)


def id_of_key(connection: Connection, key: str) -> str | None:
    """The id of a key that has not been revoked."""
    return connection.scalar(
        select(wall_key.c.id).where(wall_key.c.sha256 == _digest(key), wall_key.c.revoked_at.is_(None))
    )


def wall_of(connection: Connection, key_id: str) -> Account | None:
    """The wall that has the key, which may see figures; None where the key has been revoked."""
    name = connection.scalar(select(wall_key.c.name).where(wall_key.c.id == key_id, wall_key.c.revoked_at.is_(None)))
    if name is None:
        return None
    viewer = Viewer(f"/screen {name}", case_townships=frozenset(), rights=frozenset())
    return Account(key_id, name, "wall", epoch=0, must_change=False, viewer=viewer)
