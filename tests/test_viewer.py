"""A name is believed from the configured proxy alone."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from data_access.problems import Problem
from ui.asking.viewer import trusted_proxy, viewer_of

PROOF = "a secret that only two know"


def named(address: str, **headers: str) -> str:
    sent = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return viewer_of(Request({"type": "http", "client": (address, 5000), "headers": sent})).name


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY", "10.0.0.0/24, 192.168.1.7")
    monkeypatch.setenv("TRUSTED_PROXY_SECRET", PROOF)


@pytest.mark.parametrize("header", ["X_Forwarded_User", "X_Remote_User", "Remote_User"])
def test_without_a_proxy_no_header_names_anybody(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRUSTED_PROXY", raising=False)
    assert named("10.0.0.9", **{header: "somebody", "X_Proxy_Secret": PROOF}) == "10.0.0.9"


@pytest.mark.usefixtures("proxy")
def test_the_proxy_is_believed() -> None:
    for address in ("10.0.0.9", "192.168.1.7"):
        assert named(address, X_Forwarded_User="wang", X_Proxy_Secret=PROOF) == "wang"
    assert named("10.0.0.9", X_Proxy_Secret=PROOF) == "10.0.0.9"
    assert named("10.0.0.9", X_Forwarded_User="w" * 500, X_Proxy_Secret=PROOF) == "w" * 120


@pytest.mark.usefixtures("proxy")
@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.0.0.9", {"X_Forwarded_User": "wang"}),
        ("10.0.0.9", {"X_Forwarded_User": "wang", "X_Proxy_Secret": ""}),
        ("10.0.0.9", {"X_Forwarded_User": "wang", "X_Proxy_Secret": PROOF[:-1]}),
        ("10.0.0.9", {"X_Forwarded_User": "wang", "X_Proxy_Secret": "é" + PROOF}),
        ("10.0.1.9", {"X_Forwarded_User": "wang", "X_Proxy_Secret": PROOF}),
        ("10.0.1.9", {"X_Forwarded_User": "wang", "X_Proxy_Secret": PROOF, "X_Forwarded_For": "10.0.0.9"}),
        ("testclient", {"X_Forwarded_User": "wang", "X_Proxy_Secret": PROOF}),
        ("10.0.0.9", {"X_Remote_User": "wang", "X_Proxy_Secret": PROOF}),
        ("10.0.0.9", {"Remote_User": "wang", "X_Proxy_Secret": PROOF}),
    ],
)
def test_nobody_else_is(address: str, headers: dict[str, str]) -> None:
    assert named(address, **headers) == address


def test_a_proxy_on_this_machine_is_known_behind_the_address_that_it_forwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY", "127.0.0.1")
    monkeypatch.setenv("TRUSTED_PROXY_SECRET", PROOF)
    # As uvicorn hands it on: the address is the viewer's
    told = {"X_Forwarded_User": "wang", "X_Proxy_Secret": PROOF, "X_Forwarded_For": "10.9.9.9"}
    assert named("10.9.9.9", **told) == "wang"
    assert named("10.9.9.9", **told | {"X_Proxy_Secret": "x"}) == "10.9.9.9"


@pytest.mark.usefixtures("proxy")
def test_one_header_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY_HEADER", "X-Staff")
    assert named("10.0.0.9", X_Forwarded_User="wang", X_Staff="li", X_Proxy_Secret=PROOF) == "li"


@pytest.mark.parametrize(
    ("address", "secret", "word"), [("10.0.0.300", PROOF, "10.0.0.300"), ("10.0.0.1", "short", "16")]
)
def test_what_is_set_wrong_is_said(address: str, secret: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY", address)
    monkeypatch.setenv("TRUSTED_PROXY_SECRET", secret)
    with pytest.raises(Problem) as caught:
        trusted_proxy()
    assert word in caught.value.zh
    assert word in caught.value.en
    assert secret not in str(caught.value)
