"""What the elements of a page show, without Streamlit: asked for by the browser when something is clicked.

The page's own script is run, as Streamlit runs it, but nothing is drawn: what its elements would show is gathered. So the
route and the run of Streamlit that follows cannot disagree, and the second finds what the first has made.
"""

from __future__ import annotations

from asyncio import wrap_future
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread, current_thread
from types import CodeType
from urllib.parse import urlencode

import streamlit as st
from anyio import CapacityLimiter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from streamlit.runtime import get_instance
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import add_script_run_ctx
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from data_access.problems import Problem
from ui.asking import address
from ui.asking.viewer import asking, viewer
from ui.elements.element import gathered
from ui.frame.pages import PAGES
from ui.server.rules import SIGNED_IN, RuledRoute

_ROOT = Path(__file__).resolve().parents[2]
_FRAME = str(Path(__file__).with_name("app.py"))
# Those who ask for what takes long leave the rest of the server its threads.
_turns = CapacityLimiter(16)
# Of which no browser draws anything
_SESSION = "contents"


@cache
def _script(page: str) -> CodeType:
    path = _ROOT / "pages" / f"{page}.py"
    return compile(path.read_text("utf-8"), path, "exec")


def _run(page: str, given: address.Given) -> list[bytes]:
    # Streamlit warns of caches that are made before it runs, as the launcher, which imports this, would make them.
    from data_access.cache import county
    from ui.asking.sidebar import show_filters, view_asked

    looking = viewer()
    PAGES[page].require(looking)
    known = county(looking)
    values, _ = address.read((*address.SHARED, *address.OWN[page]), given)
    values |= address.in_county(values, known)[0]
    st.session_state.update(values)
    with gathered() as contents:
        show_filters(known, page)
        st.session_state["view"] = view_asked(known, page, looking)
        # A page may end early.
        with suppress(ScriptControlException):
            exec(_script(page), {"__name__": "__main__"})  # noqa: S102  # the page's own script
    return contents


def page_contents(page: str, given: address.Given, request: Request) -> list[bytes]:
    """What each element of the page shows at the address, as JSON that begins with its key. In a thread of its own.

    Raises Problem, SQLAlchemyError, and what is wrong with a page.
    """
    context = ScriptRunContext(
        session_id=_SESSION,
        _enqueue=lambda _: None,
        query_string="",
        session_state=SafeSessionState(SessionState(), lambda: None),
        uploaded_file_mgr=MemoryUploadedFileManager(""),
        main_script_path=_FRAME,
        user_info={},
        fragment_storage=MemoryFragmentStorage(),
        pages_manager=PagesManager(_FRAME),
    )
    add_script_run_ctx(current_thread(), context)
    context.reset(query_string=urlencode(given, doseq=True))
    context.on_script_start()
    try:
        with asking(request):
            return _run(page, given)
    finally:
        # Files that the page offers
        get_instance().media_file_mgr.clear_session_refs(_SESSION)


async def _send_contents(request: Request) -> Response:
    page = request.path_params["page"]
    if page not in address.OWN:
        return Response(status_code=404)
    given = {name: request.query_params.getlist(name) for name in request.query_params}
    made: Future[list[bytes]] = Future()

    def work() -> None:
        try:
            made.set_result(page_contents(page, given, request))
        except BaseException as error:  # noqa: BLE001  # raised to whoever waits
            made.set_exception(error)

    try:
        async with _turns:
            # Streamlit's context belongs to a thread, and ends with it.
            Thread(target=work, daemon=True).start()
            contents = await wrap_future(made)
    except (Problem, SQLAlchemyError):
        # Streamlit's run, which comes after it, says what is wrong.
        return Response(status_code=503, headers={"Cache-Control": "no-store"})
    body = b"".join(content + b"\n" for content in contents)
    return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/x-ndjson")


contents_route = RuledRoute("/contents/{page}", _send_contents, SIGNED_IN)
