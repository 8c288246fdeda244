"""Takes a file from the browser to the server's disk, however large, and removes it when it is no longer needed.

``st.file_uploader`` keeps files in memory and speaks English only.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import streamlit as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ui.text import say

LARGEST = 1100 * 2**20
# Files whose page was closed are removed after half a day.
_KEPT_SECONDS = 12 * 3600
_LONGEST_NAME = 120

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
    const failed = () => { input.disabled = false; bar.hidden = true; say(data.words.failed, "bad"); };
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
    """A file that may come, or has come (``path``), under a token that only one page knows."""

    issued: float
    path: Path | None = None


_uploads: dict[str, Upload] = {}


@cache
def _folder() -> Path:
    """Where the files lie; goes with the process. What a killed process left behind goes here."""
    for left in Path(tempfile.gettempdir()).glob("township-import-*"):
        if left.stat().st_mtime < time.time() - 2 * _KEPT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    holder = tempfile.TemporaryDirectory(prefix="township-import-")
    # Kept by the cache, so that it is removed when the process ends.
    _folder.holder = holder  # type: ignore[attr-defined]
    return Path(holder.name)


def _issue() -> str:
    for token, upload in list(_uploads.items()):
        if upload.issued < time.time() - _KEPT_SECONDS:
            remove(token)
    token = secrets.token_urlsafe(24)
    _uploads[token] = Upload(time.time())
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
    """Write the body of a PUT to disk, a piece at a time; the token must have been issued by a page."""
    upload = _uploads.get(request.path_params["token"])
    if upload is None or upload.path is not None:
        return PlainTextResponse("", status_code=404)
    folder = Path(tempfile.mkdtemp(dir=_folder()))
    path = folder / _safe_name(request.headers.get("x-file-name", "file"))
    size = 0
    try:
        with path.open("wb") as file:
            async for piece in request.stream():
                size += len(piece)
                if size > LARGEST:
                    break
                file.write(piece)
    except (ClientDisconnect, OSError):
        size = LARGEST + 1
    if size > LARGEST:
        shutil.rmtree(folder, ignore_errors=True)
        return PlainTextResponse("", status_code=413)
    upload.path = path
    return PlainTextResponse("")


upload_route = Route("/upload/{token}", _receive, methods=["PUT"])


def _came() -> None:
    """Before the page is drawn: keep the token that came, and give the next file one of its own."""
    st.session_state["uploaded token"] = st.session_state["upload"]["uploaded"]
    st.session_state["upload token"] = _issue()


def upload_area() -> str | None:
    """An area to choose a file or drop it; returns the token of the file that has just come."""
    token = st.session_state.get("upload token")
    if token not in _uploads:
        token = st.session_state["upload token"] = _issue()
    _element(
        data={
            "token": token,
            "largest": LARGEST,
            "words": {
                "choose": say("选择文件", "Choose a file"),
                "hint": say(
                    "或拖到这里：Excel（xlsx、xls）、CSV、TSV，最大 1 GB",
                    "or drop it here: Excel (xlsx, xls), CSV, TSV, up to 1 GB",
                ),
                "sending": say("正在上传", "Uploading"),
                "failed": say("上传没有完成，请再试一次", "The upload failed; try again"),
                "too_large": say("文件超过 1 GB，请分成几份", "The file is over 1 GB; split it"),
            },
        },
        key="upload",
        on_uploaded_change=_came,
    )
    came: str | None = st.session_state.pop("uploaded token", None)
    return came if came and uploaded_path(came) else None
