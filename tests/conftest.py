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


def pytest_configure(config: pytest.Config) -> None:
    """Make known the mark of tests that need what not every machine grants."""
    config.addinivalue_line("markers", "may_skip: may be skipped with CI=true too; the summary gives the reason")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test is a failure: nothing may pass unseen."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") == "true" and any("may_skip" not in report.keywords for report in skipped):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
