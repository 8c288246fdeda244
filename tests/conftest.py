"""Fixtures of all tests, and what a skipped test means."""

from __future__ import annotations

import os

import pytest

pytest_plugins = [
    "tests.browser",
    "tests.counties",
    "tests.office",
    "tests.openid_provider",
    "tests.postgresql_server",
    "tests.running_month",
]


def pytest_configure(config: pytest.Config) -> None:
    """Make known the mark of tests that need what not every machine grants."""
    config.addinivalue_line("markers", "may_skip: may be skipped with CI=true too; the summary gives the reason")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test is a failure: nothing may pass unseen."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") == "true" and any("may_skip" not in report.keywords for report in skipped):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
