"""Who signs in, and what they may see and do from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from data_access.access import Viewer
from data_access.accounts.passwords import hashed, matches, require_strong
from data_access.accounts.problems import AccountProblem, NoAccount, NotSignedIn
from data_access.accounts.tables import account, account_department, account_township, role, role_right
from data_access.audit.deeds import record
from data_access.database import begin_writing

MOST_FAILURES = 5
_LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Account:
    """A person who is known, and what they may see; ``epoch`` is counted up to end their sessions."""

    name: str
    full_name: str
    role: str
    epoch: int
    must_change: bool
    viewer: Viewer


def account_named(connection: Connection, name: str) -> Account | None:
    """The account; None where there is none or an administrator has locked it."""
    found = connection.execute(select(account).where(account.c.name == name, account.c.is_locked.is_(False))).first()
    if found is None:
        return None
    is_of_townships = connection.scalar(select(role.c.is_of_townships).where(role.c.code == found.role_code))
    rights = select(role_right.c.right_code).where(role_right.c.role_code == found.role_code)
    townships = connection.scalars(
        select(account_township.c.township_code).where(account_township.c.account_name == name)
    ).all()
    departments = connection.scalars(
        select(account_department.c.department).where(account_department.c.account_name == name)
    ).all()
    return Account(
        found.name,
        found.full_name,
        found.role_code,
        found.epoch,
        found.must_change,
        Viewer(
            found.name,
            case_townships=frozenset(townships) if townships or is_of_townships else None,
            case_departments=frozenset(departments) or None,
            rights=frozenset(connection.scalars(rights)),
        ),
    )


def viewer_named(connection: Connection, name: str) -> Viewer | None:
    """What the account of that name may see and do; None where there is none or it is locked."""
    found = account_named(connection, name)
    return found.viewer if found else None


def signed_in(engine: Engine, name: str, password: str, address: str) -> Account:
    """The account that name and password are of. Raises NotSignedIn, the same whatever the reason and after the same work."""
    return _proven(engine, name, password, address, is_signing_in=True)


def _proven(engine: Engine, name: str, password: str, address: str, *, is_signing_in: bool) -> Account:
    with engine.connect() as connection:
        password_hash = connection.scalar(select(account.c.password_hash).where(account.c.name == name))
    # Outside of the transaction: nobody else should wait for this work.
    is_right = matches(password_hash, password)
    now = datetime.now().replace(microsecond=0)
    with engine.begin() as connection:
        # Of many tries at once each is counted before the next is let in.
        begin_writing(connection)
        found = connection.execute(select(account).where(account.c.name == name)).first()
        known = None
        if found is not None and not found.is_locked and (found.locked_until is None or found.locked_until <= now):
            failures = (0 if found.locked_until else found.failures) + 1
            if is_right and found.password_hash == password_hash:
                after: dict[str, Any] = {"failures": 0, "locked_until": None}
                known = account_named(connection, name)
                if is_signing_in:
                    after["signed_in_at"] = now
                    record(connection, Viewer(name, address), "signed-in", name)
            else:
                after = {"failures": failures, "locked_until": now + _LOCKED_FOR if failures >= MOST_FAILURES else None}
            connection.execute(update(account).where(account.c.name == name).values(after))
        if known is None:
            # A name that is none may be a password in the wrong place.
            record(connection, Viewer(address=address), "sign-in-failed", found.name if found else "")
    if known is None:
        raise NotSignedIn
    return known


def signed_in_elsewhere(engine: Engine, name: str, address: str) -> Account:
    """The account of somebody whom an identity service has signed in. Raises NoAccount."""
    with engine.begin() as connection:
        begin_writing(connection)
        known = account_named(connection, name)
        if known is None:
            is_locked = connection.scalar(select(account.c.is_locked).where(account.c.name == name))
            # A name that is none here is of somebody who has nothing to do with the county's record.
            record(connection, Viewer(address=address), "sign-in-failed", name if is_locked else "")
        else:
            signed_in_at = datetime.now().replace(microsecond=0)
            connection.execute(update(account).where(account.c.name == name).values(signed_in_at=signed_in_at))
            record(connection, Viewer(name, address), "signed-in", name)
    if known is None:
        raise NoAccount
    return known


def change_password(engine: Engine, name: str, old: str, new: str, address: str) -> Account:
    """Set the password that the account's owner chose; ends their sessions. Raises NotSignedIn or AccountProblem."""
    _proven(engine, name, old, address, is_signing_in=False)
    require_strong(name, new)
    if new == old:
        raise AccountProblem("新口令要与原来的不同。", "The new password must differ from the old one.")
    password_hash = hashed(new)
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(
            update(account)
            .where(account.c.name == name)
            .values(password_hash=password_hash, must_change=False, epoch=account.c.epoch + 1)
        )
        record(connection, Viewer(name, address), "password-changed", name)
        known = account_named(connection, name)
    if known is None:
        raise NotSignedIn
    return known


def sign_out(engine: Engine, by: Viewer, *, everywhere: bool) -> None:
    """Record that somebody signs out; ``everywhere`` ends all their sessions."""
    with engine.begin() as connection:
        begin_writing(connection)
        if everywhere:
            connection.execute(update(account).where(account.c.name == by.name).values(epoch=account.c.epoch + 1))
        record(connection, by, "signed-out", by.name, after={"everywhere": everywhere})
