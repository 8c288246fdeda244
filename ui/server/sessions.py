"""Sessions: who signed in, when, and whether they still may; kept in a signed cookie, and where it is handed on, in a header."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from data_access.accounts.signing_in import Account, account_named
from data_access.accounts.wall_keys import id_of_key, wall_of
from data_access.database import DatabaseProblem, database_url, engine_for, parsed_url, unreachable
from data_access.importing import kept_files
from data_access.private_files import OWNER_ALONE, keep_private
from data_access.problems import Problem
from ui.server.identity_settings import session_seconds

R = TypeVar("R")

COOKIE, WALL_COOKIE = "dashboard_session", "dashboard_wall"
# Where the middleware tells the pages and routes whose request it is; see ui.server.identity
HANDED_ON = "X-Dashboard-Identity"
# Kinds of sessions
ACCOUNT, OIDC, PROXY, WALL = "account", "oidc", "proxy", "wall"

_LONGEST_SECONDS = 12 * 3600
# As browsers keep a cookie at most; it is renewed whenever the wall is opened.
WALL_SECONDS = 400 * 86_400
# How old what is known of an account may be
_FRESH_SECONDS = 20.0
# How old a cookie may be before it is dated anew
REDATED_SECONDS = 60
_MOST_KEPT = 10_000
_SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Session:
    """Of an account, signed in here, by an OpenID provider or by a proxy, or of a wall (``name``: its key's id); ``since``: when it began."""

    kind: str
    name: str
    epoch: int
    id: str
    since: int


def begun(account: Account, kind: str = ACCOUNT) -> Session:
    """A new session of an account."""
    return Session(kind, account.name, account.epoch, secrets.token_hex(8), int(time.time()))


# --- In a cookie ----------------------------------------------------------------------------------


def require_key() -> None:
    """Make or read the key that cookies are signed with. Raises Problem where that cannot be."""
    _signer()


def _signer() -> URLSafeTimedSerializer:
    return _signer_with(os.environ.get("DASHBOARD_SECRET", ""), kept_files.folder())


@lru_cache(maxsize=1)
def _signer_with(secret: str, folder: Path) -> URLSafeTimedSerializer:
    if secret and len(secret) < _SHORTEST_SECRET:
        raise Problem(
            f"DASHBOARD_SECRET 至少要 {_SHORTEST_SECRET} 个字符。",
            f"DASHBOARD_SECRET needs {_SHORTEST_SECRET} characters or more.",
        )
    try:
        return URLSafeTimedSerializer(secret or _kept_key(folder / "session.key"), salt="session")
    except OSError as error:
        raise Problem(
            f"没有地方存登录的密钥（{error.strerror}）。请让运行看板的账号能写 data/mappings，或设 DASHBOARD_SECRET。",
            f"There is no place to keep the key of sessions ({error.strerror}). Let the dashboard's account write "
            "data/mappings, or set DASHBOARD_SECRET.",
        ) from None


def _kept_key(path: Path) -> str:
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Under its name it is whole from the first moment: several processes may start at once.
        made = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                path.hardlink_to(made)
        finally:
            made.unlink(missing_ok=True)
    keep_private(path)
    return path.read_text("utf-8")


def written(session: Session) -> str:
    """The session as a cookie or a header says it: signed, and dated with when it was last used."""
    return str(_signer().dumps(astuple(session)))


def read(given: str | None) -> tuple[Session, float] | None:
    """The session and its date; None for what this server has not signed."""
    if not given:
        return None
    try:
        content, dated = _signer().loads(given, return_timestamp=True)
        return Session(*content), dated.timestamp()
    except (BadData, TypeError):
        return None


def signed(content: object, purpose: str) -> str:
    """Something else that a browser keeps for the server; it is read for the same purpose alone."""
    return str(_signer().dumps(content, salt=purpose))


def unsigned(given: str | None, purpose: str, seconds: int) -> Any:
    """What was signed for that purpose within the last so many seconds; None for anything else."""
    try:
        return _signer().loads(given or "", max_age=seconds, salt=purpose)
    except BadData:
        return None


# --- Whether it still holds -------------------------------------------------------------------------

# When sessions that run scripts, for which no cookie can be set, were last used, and which were ended: in this process, to
# which a browser's requests come again and again (docs/scaling.md).
_used: dict[str, float] = {}
_ended: dict[str, float] = {}
_known: dict[tuple[str, str], tuple[float, Account | None]] = {}


def last_used(session: Session, dated: float) -> float:
    """When it was last used; a wall is in use as long as it asks."""
    return time.time() if session.kind == WALL else max(dated, _used.get(session.id, 0.0))


def use(session: Session) -> None:
    """Its owner does something now; proxies and walls need not be told."""
    if session.kind in (ACCOUNT, OIDC):
        _keep(_used, session.id, session_seconds())


def _keep(moments: dict[str, float], session_id: str, seconds: float) -> None:
    """Keep this moment of a session; those that are older than so many seconds say nothing any longer."""
    now = time.time()
    if len(moments) > _MOST_KEPT:
        for old in [one for one, moment in list(moments.items()) if moment < now - seconds]:
            moments.pop(old, None)
    moments[session_id] = now


def end(session: Session) -> None:
    """Its owner signs out."""
    _keep(_ended, session.id, _LONGEST_SECONDS)


def holds(session: Session, dated: float) -> bool:
    """Whether it has not ended by itself or by its owner; of walls and proxies others say so."""
    now = time.time()
    if session.kind == WALL:
        return dated > now - WALL_SECONDS
    if session.kind == PROXY:
        return True
    is_recent = last_used(session, dated) > now - session_seconds() and session.since > now - _LONGEST_SECONDS
    return is_recent and session.id not in _ended


def _key(kind: str, name: str) -> tuple[str, str]:
    return (WALL if kind == WALL else ACCOUNT, name)


def is_known(kind: str, name: str, epoch: int) -> bool:
    """Whether what is known of an account is fresh, so that the database need not be asked."""
    if (kept := _known.get(_key(kind, name))) is None:
        return False
    moment, account = kept
    return moment > time.monotonic() - _FRESH_SECONDS and (account is None or account.epoch >= epoch)


def account_of(kind: str, name: str, epoch: int = 0) -> Account | None:
    """The account, or the wall, as it was at most 20 seconds ago; None where there is none that may come in.

    While the database is away, who was known stays so: nobody's rights change meanwhile. Raises DatabaseProblem for others.
    """
    key = _key(kind, name)
    if not is_known(kind, name, epoch):
        try:
            found = _asked(wall_of if kind == WALL else account_named, name)
        except DatabaseProblem:
            if key in _known:
                return _known[key][1]
            raise
        if len(_known) > _MOST_KEPT:
            _known.clear()
        _known[key] = time.monotonic(), found
    return _known[key][1]


def wall_with(key: str) -> Session | None:
    """The session of the wall that has the key. Raises DatabaseProblem."""
    found = _asked(id_of_key, key)
    return None if found is None else Session(WALL, found, 0, "", 0)


def _asked(question: Callable[[Connection, str], R], given: str) -> R:
    """The database's answer. Raises DatabaseProblem."""
    try:
        with engine_for(database_url()).connect() as connection:
            return question(connection, given)
    except SQLAlchemyError as error:
        raise unreachable(error, parsed_url(database_url())) from error


def forget(name: str) -> None:
    """Ask the database for the account the next time."""
    _known.pop(_key(ACCOUNT, name), None)


def account_in(session: Session, dated: float) -> Account | None:
    """Whose session it is, if it still holds. Raises DatabaseProblem."""
    if not holds(session, dated):
        return None
    account = account_of(session.kind, session.name, session.epoch)
    return account if account is not None and account.epoch == session.epoch else None
