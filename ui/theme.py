"""The switch between light and dark."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.text import say

# Streamlit keeps the viewer's theme in the browser, once for each page's path; it has no call to change
# it from a script. The version in the key is Streamlit's; a browser test notices when it changes.
_SCRIPT = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  button.textContent = data.dark ? "☀" : "☾";
  button.title = data.label;
  button.setAttribute("aria-label", data.label);
  button.onclick = () => {
    const base = window.location.pathname.replace(/[^/]*$/, "");
    for (const page of ["", ...data.pages]) {
      window.localStorage.setItem(`stActiveTheme-${base}${page}-v2`, JSON.stringify(data.dark ? "Light" : "Dark"));
    }
    window.location.reload();
  };
}
"""
_STYLE = """
button { width: 2.2rem; height: 2rem; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
  background: transparent; color: var(--st-text-color); font-size: 1rem; line-height: 1; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
"""
_switch = st.components.v2.component("theme_switch", html="<button type='button'></button>", css=_STYLE, js=_SCRIPT)


def theme_switch(pages: Sequence[str]) -> None:
    """A button that changes between the light and the dark theme on every page (URL paths)."""
    is_dark = st.context.theme.type == "dark"
    label = say("切换到浅色", "Light theme") if is_dark else say("切换到深色", "Dark theme")
    _switch(data={"dark": is_dark, "label": label, "pages": list(pages)}, key="theme", width="content")
