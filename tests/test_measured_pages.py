"""What ours is compared with shows the same as ours."""

from __future__ import annotations

import pytest

from benchmarks.peers import contents
from tests import page_contents


def test_the_peers_show_what_the_overview_shows(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"street": [contents.TOWNSHIP], "from": ["2023-03"], "compare": ["previous"]}
    app = page_contents.page("overview", sample_url, monkeypatch, **asked)
    shown = contents.of("overview", contents.query(asked))
    for name, part in shown["parts"].items():
        (ours,) = page_contents.contents(app, name)
        ours.pop("key")
        assert ours == part
        assert shown["html"][name]
    figures = page_contents.contents(app, "figure")
    for peers, drawn in zip(shown["figures"], figures, strict=True):
        assert (peers["title"], peers["figure"]["data"]) == (drawn["title"], drawn["figure"]["data"])


def test_a_click_narrows_and_a_second_one_takes_it_back() -> None:
    once = contents.narrowed("?compare=none", "street", [contents.TOWNSHIP])
    assert contents.given(once) == {"compare": ["none"], "street": [contents.TOWNSHIP]}
    assert contents.narrowed(once, "street", [contents.TOWNSHIP]) == "?compare=none"
