"""The dashboard, except that it asks the database about an account every time: what is changed there holds at once."""

import sys
from pathlib import Path

from starlette.applications import Starlette

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ui.server import sessions  # found through the line above

sessions._FRESH_SECONDS = 0.0

import dashboard  # noqa: E402

# Streamlit looks in the text of the script it starts for an application that is made there.
app = Starlette()
app = dashboard.app  # type: ignore[assignment]
