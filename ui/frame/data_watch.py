"""Lets an open page show by itself what is new: the browser asks for the data's state and the page runs again."""

from __future__ import annotations

import streamlit as st
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from data_access.accounts.signing_in import Account
from data_access.database import DatabaseProblem
from ui.asking.viewer import account, account_of
from ui.frame.told import keep_told
from ui.server.rules import SIGNED_IN, RuledRoute

# Asked of a route, not by a fragment: the answer costs next to nothing, and no script runs until there is news.
_SCRIPT = """
export default function ({ data, setTriggerValue }) {
  const url = window.location.pathname.replace(/[^/]*$/, "") + "version";
  const timer = setInterval(async () => {
    try {
      const answer = await fetch(url, { cache: "no-store" });
      // Of an ended session the page itself tells, when it runs.
      const isNews = answer.status === 401 || (answer.status === 200 && (await answer.text()) !== data.version);
      if (isNews) setTriggerValue("changed", true);
    } catch { /* The server is away; the next question finds it. */ }
  }, data.seconds * 1000);
  return () => clearInterval(timer);
}
"""
_SECONDS = 4
_element = st.components.v2.component("data_watch", html="<i></i>", css="i { display: none }", js=_SCRIPT)


def _state(known: Account | None) -> str:
    """Changes with the data, and with what the account may see."""
    # Streamlit warns of caches that are made before it runs, as the launcher, which imports this, would make them.
    from data_access.cache import state

    return f"{state()}/{known.epoch}" if known else state()


async def _tell_state(request: Request) -> PlainTextResponse:
    try:
        told = await to_thread.run_sync(_state, account_of(request))
    except DatabaseProblem as problem:
        # Another answer than any page has: it then says itself what is wrong.
        told = problem.kind
    return PlainTextResponse(told, headers={"Cache-Control": "no-store"})


version_route = RuledRoute("/version", _tell_state, SIGNED_IN)


def watch_data() -> None:
    """Run the page again within ten seconds of a write, also by another process, and of an outage's begin and end."""
    _element(data={"version": _state(account()), "seconds": _SECONDS}, key="data watch", on_changed_change=keep_told)
