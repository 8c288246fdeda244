"""What nobody foresaw while a file is shown: a sentence in the place of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from data_access.importing.unforeseen import Unforeseen, log_place
from data_access.problems import Problem
from ui.text import problem_sentence


@contextmanager
def unforeseen_told() -> Iterator[None]:
    """Say in a sentence that the program failed over the file; where it did is in the log."""
    try:
        yield
    except (Problem, SQLAlchemyError):
        # The frame has words for them.
        raise
    except Exception as error:  # noqa: BLE001 whoever uploads a file can do nothing with a traceback
        log_place(error)
        st.error(problem_sentence(Unforeseen()))
