"""The frame around every page: language, database, navigation, filters. Streamlit runs it at every interaction."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from data_access import cache
from data_access.access import NotAllowed
from data_access.areas import AREAS, REPORTS
from data_access.cache import outage, writing_outage
from data_access.database import DatabaseProblem, database_url, parsed_url, unreachable
from data_access.problems import QuestionProblem
from ui.asking import address
from ui.asking.sentences import as_of_sentence, filter_sentence, townships_words
from ui.asking.sidebar import WITHOUT_EFFECT, choose_language, show_filters, show_language, view_asked
from ui.asking.viewer import SessionEnded, account, viewer
from ui.elements.paper import show_print
from ui.explore.choice import current_choice, parameters
from ui.explore.saved_views import follow_saved_view
from ui.explore.search import show_asking_box
from ui.frame.data_watch import watch_data
from ui.frame.navigation import show_navigation
from ui.frame.notices import (
    another_notice,
    database_notice,
    empty_notice,
    ended_notice,
    not_allowed_notice,
    outage_notice,
    way_to_sign_in,
)
from ui.frame.pages import PAGES, first_page, page_links, page_name, scripted_page
from ui.frame.told import forget_told
from ui.text import plain, problem_sentence, say

ROOT = Path(__file__).resolve().parents[2]

forget_told()

try:
    signed_in = account()
except SessionEnded as ended:
    ended_notice(ended)
    st.stop()
looking = viewer()
# Another person may have signed in with the browser where the session of this page had ended, or that has connected again:
# what it knows is not theirs.
who = looking.name if looking.is_signed_in else ""
if st.session_state.setdefault("signed in as", who) != who:
    another_notice()
    st.stop()

# Before all words
choose_language()

# Page icons stand in the titles: as icons of the page they would also become the browser tab's, which
# Streamlit fetches from the internet.
words_of = {name: f":material/{page.icon}: {page_name(name)}" for name, page in PAGES.items()}
# The first page is at /; a link with its name must find it too.
first = first_page(looking)
start = scripted_page(first, words_of[first], "home", is_default=True)
pages = {name: start if name == first else scripted_page(name, words, name) for name, words in words_of.items()}
page = st.navigation([*pages.values(), scripted_page(first, words_of[first], first)], position="hidden")
name = page.url_path or first
st.session_state["pages"] = pages
# A page about all townships and months, and for a database that has none yet.
needs_no_data = name in ("data_import", "settings", "accounts", "record")

product = say("镇街治理绩效看板", "Township performance dashboard")
title = page_name(name)
st.set_page_config(
    page_title=f"{title} · {product}",
    page_icon=ROOT / "ui" / "icon.svg",
    layout="wide",
    initial_sidebar_state=236,
)

# After the width, which the sidebar takes only when it is drawn first
with st.sidebar:
    show_language()
    if name != "explore":
        show_asking_box()
    show_navigation(page_links(looking), name, first, signed_in)

try:
    PAGES[name].require(looking)
    county = cache.county(looking)
    is_empty = county.townships.empty or not county.months
    if not is_empty:
        unknown = address.follow(name)
        question: address.Given = {}
        if name == "explore":
            follow_saved_view(county)
            question = parameters(current_choice(county)[0])
        address.keep_to_county(county, unknown)
        address.write(name, question)
        with st.sidebar:
            show_filters(county, name, for_others=needs_no_data, has_route=name in address.OWN)
        view = st.session_state["view"] = view_asked(county, name, looking)
    own = (name, "") if name == first else (name,)
    watch_data(way_to_sign_in(), [other for other in ("", *PAGES) if other not in own])
    # A county may begin with what townships report.
    begins = is_empty and name == "reporting" and not county.townships.empty
    if is_empty and not needs_no_data and not begins:
        st.title(plain(county.name + product))
        empty_notice(county)
        st.page_link(pages["data_import"], label=say("打开数据导入", "Open the import page"))
        st.stop()
    area = next((one.code for one in (*AREAS.values(), REPORTS) if one.page == name), None)
    as_of = told = ""
    if not (needs_no_data or begins):
        as_of = as_of_sentence(county, area)
        has_months = "to" not in WITHOUT_EFFECT.get(name, {})
        told = f"{filter_sentence(view, area) if has_months else townships_words(view)} · {as_of}"
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        heading = f"{county.name} · {title}" if county.name else title
        st.title(plain(heading), anchor=False, width="content")
        if county.is_sample:
            st.badge(
                say("示例数据，非真实业务数据", "Sample data, not the county's own"),
                icon=":material/science:",
                color="orange",
            )
        show_print(heading, told)
    if needs_no_data or begins:
        if away := writing_outage():
            outage_notice(away, None)
        page.run()
        st.stop()
    st.caption(plain(told))
    if away := outage():
        outage_notice(away, as_of)
    page.run()
except SessionEnded as ended:
    # While the page was made
    ended_notice(ended)
except NotAllowed as problem:
    not_allowed_notice(problem)
except QuestionProblem as problem:
    st.warning(problem_sentence(problem), icon=":material/tune:")
except DatabaseProblem as problem:
    database_notice(problem)
except SQLAlchemyError as error:
    database_notice(unreachable(error, parsed_url(database_url())))
