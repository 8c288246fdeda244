"""Lets an open page show by itself what is new: the browser asks for the data's state and the page runs again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from data_access.accounts.signing_in import Account
from data_access.database import DatabaseProblem
from ui.asking.viewer import account, account_of
from ui.frame.told import keep_told
from ui.server.rules import SIGNED_IN, RuledRoute
from ui.text import say

# Asked of a route, not by a fragment: the answer costs next to nothing, and no script runs until there is news.
_SCRIPT = """
// The forms that somebody has begun to fill in; the page of an ended session keeps them, hidden under a notice.
const begun = new WeakSet();
const note = (event) => {
  const form = event.target.closest?.("[data-testid=stForm]");
  if (form) begun.add(form);
};
const isUnfinished = () => [...document.querySelectorAll("[data-testid=stForm]")].some((form) => begun.has(form));
const NOTICE = "session-over";

function pause(data) {
  if (document.getElementById(NOTICE)) return;
  const notice = document.createElement("div");
  notice.id = NOTICE;
  notice.dataset.resumed = data.resumed;
  notice.setAttribute("role", "alert");
  notice.style.cssText = "position:fixed;inset:0;display:flex;flex-direction:column;gap:12px;align-items:center;" +
    "justify-content:center;padding:24px;font:16px/1.5 sans-serif;background:Canvas;color:CanvasText;color-scheme:light dark";
  const link = document.createElement("a");
  Object.assign(link, { href: data.way, target: "_blank", textContent: data.label });
  notice.append(data.sentence, link);
  document.getElementById("root").style.visibility = "hidden";
  document.body.append(notice);
}

function resume(data) {
  const notice = document.getElementById(NOTICE);
  if (!notice || notice.dataset.resumed === String(data.resumed)) return;
  notice.remove();
  document.getElementById("root").style.visibility = "";
}

export default function ({ data, setTriggerValue }) {
  resume(data);
  for (const kind of ["input", "pointerdown"]) document.addEventListener(kind, note, true);
  const url = window.location.pathname.replace(/[^/]*$/, "") + "version";
  // A link has been followed, and the page has yet to come: told now, news would lead back to the page that is left.
  const isLeft = () => data.elsewhere.includes(window.location.pathname.split("/").pop());
  const timer = setInterval(async () => {
    try {
      const answer = await fetch(url, { cache: "no-store" });
      const isOver = answer.status === 401, isPaused = document.getElementById(NOTICE);
      if (isOver && isUnfinished()) return pause(data);
      // Signed in again, in another tab: the connection of this page has yet to begin anew.
      if (isPaused && answer.status === 200) return setTriggerValue("resumed", true);
      // Of an ended session the page itself tells, when it runs.
      const isNews = isOver || (answer.status === 200 && (await answer.text()) !== data.version);
      if (isNews && !isLeft()) setTriggerValue("changed", true);
    } catch { /* The server is away; the next question finds it. */ }
  }, data.seconds * 1000);
  return () => clearInterval(timer);
}
"""
_SECONDS = 4
# The identity middleware knows what this element sends by it.
KEY = "data watch"
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


def watch_data(way: str, elsewhere: Sequence[str]) -> None:
    """Run the page again within ten seconds of a write, also by another process, and of an outage's begin and end.

    ``way``: where one signs in, for when the session ends while a form is half filled in. ``elsewhere``: the last parts of
    the addresses of all other pages.
    """
    words = {
        "sentence": say(
            "登录已结束。在新的标签页重新登录后，这一页继续，填了一半的还在。",
            "The session has ended. Sign in again in a new tab: this page then goes on, and what you have typed is still here.",
        ),
        "label": say("去登录", "To the sign-in page"),
        "way": way,
        "resumed": st.session_state.get("resumed", 0),
    }
    _element(
        data={"version": _state(account()), "seconds": _SECONDS, "elsewhere": list(elsewhere), **words},
        key=KEY,
        on_changed_change=keep_told,
        on_resumed_change=_go_on,
    )


def _go_on() -> None:
    """The page is shown again."""
    st.session_state["resumed"] = st.session_state.get("resumed", 0) + 1
    keep_told()
