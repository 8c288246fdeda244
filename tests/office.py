"""An office with an account of every role, its server, and the cookies of who comes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import Engine, make_url

from data_access.access import UNRESTRICTED
from data_access.accounts import administering, wall_keys
from data_access.database import new_engine
from tests.browser import Server
from tests.counties import sqlite_url
from tests.raw_clients import cookie_of
from tests.roles import OWN, ROLES
from ui.server import sessions
from ui.server.sessions import COOKIE, WALL_COOKIE, begun, written

SECRET = "a key of thirty-two characters and more"  # noqa: S105  # of a server that ends with the test
# Whose session is over, or never was
STRANGERS = ("nobody", "locked", "demoted", "ended")


@dataclass
class Office:
    """A server, its database, and the cookies of its people by name; those of every role have the role's."""

    server: Server
    engine: Engine
    cookies: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, role: str) -> str:
        """Make an account; its cookie."""
        townships = OWN if role == "township_official" else frozenset[str]()
        administering.add(self.engine, UNRESTRICTED, name, name, role, None, townships)
        return cookie_of(self.engine, name)


@pytest.fixture(scope="module")
def office(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    url = sqlite_url(folder / "county.sqlite")
    shutil.copy(make_url(sample_url).database or "", folder / "county.sqlite")
    engine = new_engine(url)
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("DASHBOARD_SECRET", SECRET)
        settings.setenv("IDENTITY", "accounts")
        settings.setenv("DATABASE_URL", url)
        server = Server(url, folder / "server.log", "tests/forgetful_dashboard.py")
        made = Office(server, engine)
        for role in ROLES:
            made.cookies[role] = made.add(role, role)
        for name in STRANGERS[1:]:
            made.cookies[name] = made.add(name, "administrator")
        administering.lock(engine, UNRESTRICTED, "locked")
        administering.change_role(engine, UNRESTRICTED, "demoted", "viewer")
        with engine.connect() as connection:
            account = sessions.account_named(connection, "ended")
        assert account
        made.cookies["ended"] = f"{COOKIE}={written(replace(begun(account), since=0))}"
        wall = sessions.wall_with(wall_keys.make_key(engine, UNRESTRICTED, "大厅"))
        assert wall
        made.cookies["wall"] = f"{WALL_COOKIE}={written(wall)}"
        yield made
        server.stop()
    engine.dispose()
