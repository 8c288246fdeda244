"""Whom the server answers, on a running server and with raw requests; and that it asks nobody outside who they are."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlsplit

import pytest
from streamlit import net_util

from data_access.problems import Problem
from tests.browser import Server, until
from ui.server.outside_address import ask_nobody_outside
from ui.server.settings import server_settings

SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
FOREIGN = "http://evil.example"


@contextmanager
def asked(server: Server, path: str, headers: dict[str, str], method: str = "GET") -> Iterator[int]:
    """The status of what the server answers; within, a websocket stays open."""
    netloc = urlsplit(server.url).netloc
    with closing(HTTPConnection(netloc, timeout=60)) as connection:
        connection.putrequest(method, path, skip_host=True)
        for name, value in {"Host": netloc, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        yield connection.getresponse().status


def status(server: Server, path: str = "/version", method: str = "GET", **headers: str) -> int:
    with asked(server, path, headers, method) as told:
        return told


def handshake(server: Server, **headers: str) -> int:
    """101 where a websocket is taken."""
    return status(server, "/_stcore/stream", **SOCKET, **headers)


@pytest.fixture
def started(serve: Callable[[str], Server], sample_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    def start(**settings: str) -> Server:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return serve(sample_url)

    return start


# --- Hosts and origins ------------------------------------------------------------------------------


def test_where_hosts_are_set_no_other_is_answered(started: Callable[..., Server]) -> None:
    server = started(ALLOWED_HOSTS="dashboard.county, [fd00::7]")
    port = urlsplit(server.url).port
    for host in ("dashboard.county", f"DASHBOARD.county:{port}", "[fd00::7]:80", f"127.0.0.1:{port}", "localhost"):
        assert status(server, Host=host) == 200, host
        assert handshake(server, Host=host, Origin=f"http://{host}") == 101, host
    for host in ("evil.example", f"evil.example:{port}", "x.dashboard.county", "dashboard.county.evil", "[::", ""):
        assert status(server, Host=host) == 421, host
        assert status(server, "/", Host=host) == 421, host
        assert handshake(server, Host=host, Origin=f"http://{host}") == 421, host


def test_without_hosts_no_domain_is_answered_that_a_stranger_could_point_here(server: Server) -> None:
    port = urlsplit(server.url).port
    for host in (f"127.0.0.1:{port}", "10.1.2.3", f"[fd00::7]:{port}", "localhost", "Dashboard", socket.gethostname()):
        assert status(server, Host=host) == 200, host
        assert handshake(server, Host=host, Origin=f"http://{host}") == 101, host
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.", "[::", ""):
        expected = 200 if host == "localhost." else 421
        assert status(server, "/", Host=host) == expected, host
        assert handshake(server, Host=host, Origin=f"http://{host}") == (101 if expected == 200 else 421), host


@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://127.0.0.1", "http://[", "http://127.0.0.1.evil.example"])
def test_a_websocket_of_a_foreign_page_is_refused(origin: str, server: Server) -> None:
    assert handshake(server, Origin=origin) == 403


def test_a_websocket_of_the_own_page_or_of_none_is_taken(server: Server) -> None:
    assert handshake(server, Origin=server.url) == 101
    assert handshake(server) == 101


# --- Nothing is asked outside -----------------------------------------------------------------------


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a proxy hears that takes whatever comes and answers nothing: the only way out, for this process too."""
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen() -> None:
            while True:
                try:
                    coming, _ = listening.accept()
                except OSError:
                    return
                with coming:
                    told.append(coming.recv(1_000))

        Thread(target=listen, daemon=True).start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, address)
            monkeypatch.setenv(name.upper(), address)
        monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield told
        # Wakes the one that listens
        listening.shutdown(socket.SHUT_RDWR)


def test_nobody_outside_is_asked_who_a_foreign_page_is(started: Callable[..., Server], heard: list[bytes]) -> None:
    server = started()
    for _ in range(5):
        assert handshake(server, Origin=FOREIGN) == 403
        assert handshake(server, Origin=FOREIGN, Host="evil.example") == 421
        # A name of the office's network, which Streamlit does not know
        assert handshake(server, Origin="http://dashboard:8501", Host="dashboard") == 403
        assert handshake(server, Origin="http://dashboard", Host="dashboard") == 101
    for path in ("/", "/data_import", "/screen", "/screen/content", "/health", "/find", "/_stcore/host-config"):
        assert status(server, path, Origin=FOREIGN, Referer=FOREIGN) == 200
        assert status(server, path, Host="evil.example") == 421
        assert status(server, path, Host="dashboard") == 200
    assert heard == []


def test_nobody_outside_is_asked_for_the_address_of_this_machine(
    heard: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    ask_nobody_outside()
    assert net_util.get_external_ip() is None
    assert heard == []


# --- Limits -----------------------------------------------------------------------------------------


def test_so_many_sessions_of_an_address_and_in_all(started: Callable[..., Server]) -> None:
    server = started(MOST_SESSIONS="5", MOST_SESSIONS_PER_ADDRESS="3")

    @contextmanager
    def session(address: str) -> Iterator[int]:
        with asked(server, "/_stcore/stream", {**SOCKET, "X-Forwarded-For": address}) as told:
            yield told

    def comes_in(address: str) -> bool:
        with session(address) as told:
            return told == 101

    with session("10.0.0.1"), session("10.0.0.1"):
        with session("10.0.0.1") as third, session("10.0.0.1") as fourth:
            assert (third, fourth) == (101, 503)
            with session("10.0.0.2") as other, session("10.0.0.3") as fifth, session("10.0.0.4") as sixth:
                assert (other, fifth, sixth) == (101, 101, 503)
        # Who goes makes room.
        until(lambda: comes_in("10.0.0.1"))
        until(lambda: comes_in("10.0.0.4"))


def test_an_office_behind_one_address_comes_in_but_not_everything_of_it(started: Callable[..., Server]) -> None:
    server = started()
    told: list[int] = []

    def come(count: int) -> None:
        if count:
            with asked(server, "/_stcore/stream", SOCKET) as one:
                told.append(one)
                come(count - 1)

    come(300)
    assert told == [101] * 250 + [503] * 50


def test_so_many_searches_of_an_address_in_a_minute(started: Callable[..., Server]) -> None:
    server = started(MOST_SEARCHES_PER_MINUTE="5")
    # Wherever the minute ends in between
    told = [status(server, "/find", "POST") for _ in range(11)]
    assert told[0] == 200
    assert set(told) == {200, 429}
    assert status(server, "/find", "POST", **{"X-Forwarded-For": "10.0.0.2"}) == 200
    assert status(server) == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_HOSTS", "http://dashboard.county"),
        ("ALLOWED_HOSTS", "dashboard.county:80"),
        ("ALLOWED_HOSTS", "*"),
        ("SCREEN_FRAMED_BY", "portal.county"),
        ("SCREEN_FRAMED_BY", "https://portal.county; script-src *"),
        ("SCREEN_FRAMED_BY", "*"),
        ("MOST_SESSIONS", "0"),
        ("MOST_SESSIONS_PER_ADDRESS", "many"),
        ("MOST_SEARCHES_PER_MINUTE", "-1"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_said(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem) as caught:
        server_settings()
    assert name in caught.value.zh
    assert name in caught.value.en
