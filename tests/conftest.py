"""The sample county, built once for all tests that read it."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import Engine

from data_access.database import engine_for
from sample_data.build import build

pytest_plugins = ["tests.browser", "tests.postgresql_server"]


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the default sample county; read it, do not write to it."""
    url = f"sqlite:///{(tmp_path_factory.mktemp('sample') / 'county.sqlite').as_posix()}"
    build(url)
    return url


@pytest.fixture(scope="session")
def sample_engine(sample_url: str) -> Engine:
    """An engine on the sample county."""
    return engine_for(sample_url)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test is a failure: nothing may pass unseen."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
