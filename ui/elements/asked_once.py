"""A button that asks once before it does what cannot simply be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.text import plain


def asked_once(
    label: str,
    what: str,
    yes: str,
    *,
    key: str,
    icon: str | None = None,
    on_click: Callable[..., Any] | None = None,
    args: tuple[Any, ...] = (),
    in_form: bool = False,
) -> bool:
    """Whether the second button was pressed, which is shown under the first with ``what`` it does."""
    with st.popover(plain(label), icon=icon):
        st.markdown(plain(what))
        if in_form:
            return st.form_submit_button(plain(yes), type="primary", key=key)
        return st.button(plain(yes), type="primary", key=key, on_click=on_click, args=args)
