"""The documented nginx site, started on loopback: every page and the screen through TLS and under a path."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import create_connection

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import ROOT, Server, free_port, settle, title


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[str]:
    """Where nginx serves the shared server as docs/meeting-room.md says."""
    nginx = shutil.which("nginx", path=f"{os.defpath}:/usr/sbin:{os.environ['PATH']}")
    if nginx is None:
        if os.environ.get("CI") == "true":
            pytest.fail("NO NGINX: apt install nginx-light")
        pytest.skip("NO NGINX: the documented site was not tried")
    certificate = [tmp_path / "own.crt", tmp_path / "own.key"]
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ("-out", certificate[0], "-keyout", certificate[1])
    subprocess.run(["openssl", *request, *names], check=True, capture_output=True)
    (block,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "meeting-room.md").read_text("utf-8"), re.DOTALL)
    port = free_port()
    for documented, here in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/dashboard.crt": str(certificate[0]),
        "/etc/ssl/dashboard.key": str(certificate[1]),
        "http://127.0.0.1:8501": server.url,
    }.items():
        assert documented in block
        block = block.replace(documented, here)
    places = "".join(f"{kind}_temp_path {tmp_path};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    settings = tmp_path / "nginx.conf"
    settings.write_text(
        f"{user}daemon off;\npid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{block}}}\n"
    )
    running = subprocess.Popen([nginx, "-c", settings, "-e", tmp_path / "error.log"], stderr=subprocess.PIPE)
    try:
        while running.poll() is None:
            # Refused until it listens
            with suppress(OSError), create_connection(("127.0.0.1", port), timeout=1):
                break
        yield f"https://127.0.0.1:{port}/county"
    finally:
        running.terminate()
        running.communicate(timeout=20)


def test_through_nginx_with_tls_under_a_path(browser: Browser, site: str) -> None:
    page = browser.new_context(ignore_https_errors=True).new_page()
    for path, heading in {"/": "总览", "/petitions?street=太平镇": "群众诉求", "/evaluation": "月度评比"}.items():
        answer = page.goto(site + path)
        # Added by the server, once, whatever stands in front
        assert answer is not None
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        expect(title(page)).to_contain_text(heading)
        settle(page)
    page.goto(f"{site}/screen?show=petitions")
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(title(page)).to_contain_text("群众诉求")
    page.context.close()
