"""The same pages by NiceGUI: ``python -m benchmarks.peers.nicegui_app PORT STATES``, as ``benchmarks.peers.dash_app``."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import PageArguments, ui
from nicegui.events import GenericEventArguments, ValueChangeEventArguments

from benchmarks.peers import contents
from benchmarks.peers.contents import CONFIG, NARROWING, TITLES, Content

LABELS = {"street": "镇街", "from": "从", "to": "至", "compare": "对比", "indicator": "指标"}


class Screen:
    """What one browser shows, and what it asks."""

    def __init__(self) -> None:
        self.page, self.search = "overview", contents.query(contents.given(ui.context.client.request.url.query))
        self.shown: Content = {}
        self.figures: list[tuple[ui.label, ui.plotly]] = []
        self.parts: dict[str, ui.html] = {}
        self.boxes: dict[str, ui.select] = {}

    def build(self) -> None:
        """The sidebar, and the page beside it."""
        ui.add_css(f"{contents.CSS} .nicegui-content, .nicegui-sub-pages {{ display: block; padding: 0; }}")
        with ui.element("div").classes("page"):
            with ui.element("nav").classes("filters"):
                for path, title in TITLES.items():
                    ui.link(title, "/" if path == "overview" else f"/{path}")
                with ui.element("div"):
                    for kind, streets in contents.kinds().items():
                        ui.button(kind, on_click=partial(self.ask, street=streets))
                values = contents.chosen(self.search)
                for name, options in contents.choices().items():
                    many, changed = name == "street", partial(self.choose, name)
                    box = ui.select(options, label=LABELS[name], value=values[name], multiple=many, on_change=changed)
                    self.boxes[name] = box
            with ui.element("main"):
                ui.sub_pages({"/": self.overview, "/petitions": self.petitions})

    # --- Pages ------------------------------------------------------------------------------------

    def _begin(self, page: str, asked: PageArguments) -> None:
        self.page, self.search = page, contents.query(contents.given(str(asked.query_parameters)))
        self.shown = contents.of(page, self.search)
        self.figures, self.parts = [], {}
        ui.html(f"<h1>{TITLES[page]}</h1>", sanitize=False)
        self._part("kpi_cards")

    def _part(self, name: str) -> ui.html:
        self.parts[name] = ui.html(self.shown["html"][name], sanitize=False).classes(name)
        return self.parts[name]

    def _figure(self) -> None:
        index = len(self.figures)
        one = self.shown["figures"][index]
        with ui.element("div").classes("figure"):
            title = ui.label(one["title"]).classes("figure-title")
            plot = ui.plotly(drawn(one)).style(f"height: {one['height']}px")
        self.figures.append((title, plot))
        if name := NARROWING[self.page].get(index):
            key = "({ points: [{ customdata }] }) => customdata != null && emit(customdata)"
            plot.on("plotly_click", lambda event: self.narrow(name, event), js_handler=key)

    def overview(self, asked: PageArguments) -> None:
        """总览."""
        self._begin("overview", asked)
        with ui.element("div").classes("across"):
            self._figure()
            key = "({ target }) => { const row = target.closest('tr[data-key]'); if (row) emit(row.dataset.key); }"
            self._part("league_table").on("click", partial(self.narrow, "street"), js_handler=key)
            self._part("attention")
        self._figure()

    def petitions(self, asked: PageArguments) -> None:
        """群众诉求."""
        self._begin("petitions", asked)
        for kind, count in (("across three", 3), ("across three", 3), ("across two", 2)):
            with ui.element("div").classes(kind):
                for _ in range(count):
                    self._figure()

    # --- What is clicked --------------------------------------------------------------------------

    def narrow(self, name: str, event: GenericEventArguments) -> None:
        """A mark or a row."""
        self.show(contents.narrowed(self.search, name, [str(event.args)]))

    def choose(self, name: str, event: ValueChangeEventArguments) -> None:
        """A box, which the page may have set itself."""
        if event.value != contents.chosen(self.search)[name]:
            self.ask(**{name: event.value if isinstance(event.value, list) else [event.value]})

    def ask(self, **values: list[str]) -> None:
        """Other values of a filter."""
        self.show(contents.query({**contents.given(self.search), **values}))

    def show(self, search: str) -> None:
        """Show what differs, and say what is asked in the address."""
        before, self.shown = self.shown, contents.of(self.page, search)
        self.search = search
        ui.navigate.history.push(("/" if self.page == "overview" else f"/{self.page}") + search)
        for (title, plot), one, other in zip(self.figures, self.shown["figures"], before["figures"], strict=True):
            if one != other:
                title.set_text(one["title"])
                plot.update_figure(drawn(one))
        for name, part in self.parts.items():
            part.set_content(self.shown["html"][name])
        values = contents.chosen(search)
        for name, box in self.boxes.items():
            box.set_value(values[name])


def drawn(one: dict[str, Any]) -> dict[str, Any]:
    """A figure as NiceGUI takes it."""
    return {**one["figure"], "config": CONFIG}


if __name__ == "__main__":
    contents.read_states(Path(sys.argv[2]))
    ui.run(
        lambda: Screen().build(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        show=False,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
    )
