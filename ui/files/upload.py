"""Takes a file from the browser to the server's disk, however large, and removes it when it is no longer needed.

``st.file_uploader`` keeps files in memory and speaks English only.
"""

from __future__ import annotations

import asyncio
import errno
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import streamlit as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data_access.private_files import private_folder
from ui.asking.viewer import viewer, viewer_of
from ui.server.rules import RuledRoute
from ui.text import say

LARGEST = 1100 * 2**20
# Files that nothing was done with go after half a day. When others come, those of closed pages go after a quarter of an
# hour: a load that the page began may still read them, or the page may connect again.
_KEPT_SECONDS, _KEPT_AFTER_CLOSING = 12 * 3600, 900
_LONGEST_NAME = 120
# Files and bytes that lie here at a time, of one person (who may be an office behind one address) and of all
_MOST_OF_ONE = (10, 4 * LARGEST)
_MOST_OF_ALL = (100, 20 * LARGEST)
# What stays free on the disk: the database grows as well.
_KEPT_FREE = 2**30
# Seconds without a byte after which the browser is taken to be gone
_PATIENCE = 120

_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const find = name => parentElement.querySelector(name);
  const area = find("label"), input = find("input"), bar = find("progress"), words = find("span"), hint = find("small");
  const say = (text, tone) => { words.textContent = text; words.dataset.tone = tone || ""; };
  say(data.words.choose);
  hint.textContent = data.words.hint;
  bar.hidden = true;
  input.disabled = false;
  const send = file => {
    if (!file || input.disabled) return;
    if (file.size > data.largest) return say(data.words.too_large, "bad");
    const request = new XMLHttpRequest();
    request.open("PUT", window.location.pathname.replace(/[^/]*$/, "") + "upload/" + data.token);
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.upload.onprogress = event => { bar.value = event.loaded / event.total; };
    const failed = () => {
      input.disabled = false;
      bar.hidden = true;
      say(data.words[{ 413: "too_large", 429: "too_many", 507: "no_room" }[request.status] || "failed"], "bad");
    };
    request.onerror = failed;
    request.onload = () => request.status === 200 ? setTriggerValue("uploaded", data.token) : failed();
    input.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    say(data.words.sending + " " + file.name);
    request.send(file);
    input.value = "";
  };
  input.onchange = () => send(input.files[0]);
  area.ondragover = event => { event.preventDefault(); area.dataset.over = "yes"; };
  area.ondragleave = () => { delete area.dataset.over; };
  area.ondrop = event => { event.preventDefault(); delete area.dataset.over; send(event.dataTransfer.files[0]); };
}
"""
_STYLE = """
label { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem 0.8rem; padding: 0.6rem 0.9rem; cursor: pointer;
  border: 1px dashed var(--st-border-color); border-radius: var(--st-base-radius); font-family: var(--st-font);
  color: var(--st-text-color); background: var(--st-secondary-background-color); min-height: 1.6rem; }
label:hover, label[data-over], label:focus-within { border-color: var(--st-primary-color); }
span { color: var(--st-primary-color); font-weight: 600; overflow-wrap: anywhere; }
span[data-tone="bad"] { color: var(--st-red-text-color); }
small { opacity: 0.75; font-size: 0.86rem; }
progress { width: 100%; accent-color: var(--st-primary-color); }
input { position: absolute; opacity: 0; width: 1px; height: 1px; }
"""
_HTML = "<label><input type='file'><span></span><small></small><progress hidden></progress></label>"
_element = st.components.v2.component("upload", html=_HTML, css=_STYLE, js=_SCRIPT)


@dataclass
class Upload:
    """A file of ``person`` that may come, comes (``size``) or has come (``path``), under a token that one page knows."""

    issued: float
    session: str
    person: str
    size: int | None = None
    path: Path | None = None


_uploads: dict[str, Upload] = {}


def _issue() -> str:
    for token, upload in list(_uploads.items()):
        if upload.issued < time.time() - _KEPT_SECONDS:
            remove(token)
    token = secrets.token_urlsafe(24)
    run = get_script_run_ctx()
    _uploads[token] = Upload(time.time(), run.session_id if run else "", viewer().name)
    return token


def remove(token: str) -> None:
    """Forget the file and delete it."""
    upload = _uploads.pop(token, None)
    if upload and upload.path:
        shutil.rmtree(upload.path.parent, ignore_errors=True)


def uploaded_path(token: str) -> Path | None:
    """Where the file lies, while it is there."""
    upload = _uploads.get(token)
    return upload.path if upload and upload.path and upload.path.exists() else None


def _safe_name(given: str) -> str:
    name = re.split(r"[/\\]", unquote(given))[-1]
    name = re.sub(r"[\x00-\x1f\x7f]", "", name).strip(". ")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}"[-_LONGEST_NAME:] or "file"


async def _receive(request: Request) -> Response:
    """Write the body of a PUT to disk, a piece at a time; the token must have been issued by a page, for one file."""
    token = request.path_params["token"]
    upload = _uploads.get(token)
    sender = viewer_of(request)
    if upload is None or upload.size is not None or (sender.is_signed_in and sender.name != upload.person):
        return PlainTextResponse("", status_code=404)
    length, person = request.headers.get("content-length", ""), sender.name
    if not length.isdecimal():
        return PlainTextResponse("", status_code=411)
    size = int(length)
    _remove_of_closed_pages()
    if refusal := _refusal(person, size):
        return PlainTextResponse("", status_code=refusal)
    # Claimed before anything is waited for: of requests that come at once, one writes.
    upload.person, upload.size = person, size
    folder = Path(tempfile.mkdtemp(dir=private_folder("uploads")))
    path = folder / _safe_name(request.headers.get("x-file-name", "file"))
    status = 400
    try:
        await _write(request, path, size)
        # The page may have given it up meanwhile.
        if _uploads.get(token) is upload:
            upload.path, status = path, 200
    except ClientDisconnect:
        pass
    except OSError as error:
        status = 507 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 400
    finally:
        if upload.path is None:
            upload.size = None
            shutil.rmtree(folder, ignore_errors=True)
    return PlainTextResponse("", status_code=status)


def _remove_of_closed_pages() -> None:
    for token, upload in list(_uploads.items()):
        path = uploaded_path(token)
        if path and not _is_open(upload.session) and path.stat().st_mtime < time.time() - _KEPT_AFTER_CLOSING:
            remove(token)


def _is_open(session: str) -> bool:
    """Whether the page of that session is open in a browser."""
    return runtime.get_instance().is_active_session(session)


def _refusal(person: str, size: int) -> int | None:
    """The status that says why this person cannot send a file of that size now; None: it may come."""
    if size > LARGEST:
        return 413
    here = [upload for upload in _uploads.values() if upload.size is not None]
    own = [upload for upload in here if upload.person == person]
    if _is_too_much(own, size, _MOST_OF_ONE) or _is_too_much(here, size, _MOST_OF_ALL):
        return 429
    on_their_way = sum(upload.size or 0 for upload in here if upload.path is None)
    if shutil.disk_usage(private_folder("uploads")).free < size + on_their_way + _KEPT_FREE:
        return 507
    return None


def _is_too_much(uploads: Collection[Upload], size: int, most: tuple[int, int]) -> bool:
    return len(uploads) >= most[0] or sum(upload.size or 0 for upload in uploads) + size > most[1]


async def _write(request: Request, path: Path, size: int) -> None:
    """Raises ClientDisconnect or OSError, which a TimeoutError is, where not all of it comes."""
    clock = asyncio.get_running_loop()
    received = 0
    with path.open("wb") as file:
        async with asyncio.timeout(_PATIENCE) as patience:
            async for piece in request.stream():
                patience.reschedule(clock.time() + _PATIENCE)
                received += len(piece)
                file.write(piece)
    if received != size:
        raise ClientDisconnect


upload_route = RuledRoute("/upload/{token}", _receive, "import", ["PUT"])


def _came() -> None:
    """Before the page is drawn: keep the token that came, and give the next file one of its own."""
    token = st.session_state["upload"]["uploaded"]
    # Tokens come from the browser, which may say anything.
    if token == st.session_state["upload token"] and uploaded_path(token):
        st.session_state["uploaded token"] = token
        st.session_state["upload token"] = _issue()


def upload_area(kinds: str = "") -> str | None:
    """An area to choose a file or drop it, of these kinds (empty: tables); returns the token of the file that has just come."""
    token = st.session_state.get("upload token")
    if token not in _uploads:
        token = st.session_state["upload token"] = _issue()
    tables = say("Excel（xlsx、xls）、CSV、TSV，最大 1 GB", "Excel (xlsx, xls), CSV, TSV, up to 1 GB")
    _element(
        data={
            "token": token,
            "largest": LARGEST,
            "words": {
                "choose": say("选择文件", "Choose a file"),
                "hint": say("或拖到这里：", "or drop it here: ") + (kinds or tables),
                "sending": say("正在上传", "Uploading"),
                "failed": say("上传没有完成，请再试一次", "The upload failed; try again"),
                "too_large": say("文件超过 1 GB，请分成几份", "The file is over 1 GB; split it"),
                "too_many": say(
                    "服务器上还没处理完的文件太多，请先装入或放弃您先前传的，再传这份",
                    "Too many files wait on the server; load or drop those you sent before, then send this one",
                ),
                "no_room": say(
                    "服务器磁盘放不下这份文件，请联系管理员腾出空间后再传",
                    "The server's disk has no room for this file; ask your administrator to make room, then send it again",
                ),
            },
        },
        key="upload",
        on_uploaded_change=_came,
    )
    came: str | None = st.session_state.pop("uploaded token", None)
    return came if came and uploaded_path(came) else None
