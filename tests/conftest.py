"""Fixtures of all tests, and what a skipped test means."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from streamlit.components.v2 import manifest_scanner

from data_access.accounts import passwords

TESTS = Path(__file__).resolve().parent

pytest_plugins = [
    "tests.browser",
    "tests.counties",
    "tests.office",
    "tests.openid_provider",
    "tests.postgresql_server",
    "tests.running_month",
]


# The files that take long, about the longest first, as runs tell at their end: they begin first, so that none of them is left
# alone when the others are done. Those with a browser take turns with those without: three browsers at once leave none of them time.
LONGEST = (
    "undo",
    "browser",
    "rollups",
    "browser_persons",
    "identity",
    "browser_axe",
    "importing",
    "browser_hostile",
    "questions",
    "browser_paper",
    "import_files",
    "browser_import",
    "health",
    "browser_difficult",
    "explore",
    "browser_sign_in",
    "pages",
    "browser_explore",
    "rights",
    "browser_screen",
    "evaluation",
    "browser_map",
    "postgresql",
    "database",
    "today",
    "private_files",
    "oidc",
    "warning",
    "one_number",
    "cluster",
    "first_day",
    "hostile_documents",
    "ratios",
    "import_mutants",
    "freeze_by_two",
    "forged",
    "legacy_workbooks",
    "import_kill",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those of most tests."""
    places = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    assert all((TESTS / name).is_file() for name in places)
    tests = Counter(item.path for item in items)
    # Whoever has no place comes after those that have one.
    items.sort(key=lambda item: (places.get(item.path.name, len(places)), -tests[item.path], item.path))


def pytest_configure(config: pytest.Config) -> None:
    """Make known the mark of tests that need what not every machine grants."""
    config.addinivalue_line("markers", "may_skip: may be skipped with CI=true too; the summary gives the reason")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The files that took longest, so that a log shows where the time goes; what pytest sums up stays last."""
    seconds: Counter[str] = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):
            seconds[report.nodeid.partition("::")[0]] += report.duration
    if len(seconds) > 1:
        terminalreporter.section(f"longest of {len(seconds)} files")
        for file, took in seconds.most_common(len(LONGEST)):
            terminalreporter.write_line(f"{took:7.1f} s  {file}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test is a failure: nothing may pass unseen."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") == "true" and any("may_skip" not in report.keywords for report in skipped):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _components_found_once() -> Iterator[None]:
    """Streamlit's AppTest reads the metadata of all that is installed for each page; nothing is installed while tests run."""
    with pytest.MonkeyPatch.context() as patch:
        found = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_hashed_quickly() -> Iterator[None]:
    """A hash shall cost whoever guesses 64 MB and a fifth of a second: not every account of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_busy_machine_is_not_taken_for_an_outage() -> Iterator[None]:
    """Of a database that answers late pages say that it is away, and of a question that takes long no count: not in tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data_access.cache._PATIENCE_SECONDS", 30.0)
        patch.setattr("data_access.cache._FIRST_PATIENCE_SECONDS", 30.0)
        patch.setattr("ui.explore.matches._SECONDS_TO_COUNT", 30.0)
        yield
