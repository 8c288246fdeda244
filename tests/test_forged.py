"""What is forged, borrowed or out of date opens nothing: identifiers of others, parts of pages, and rights that were taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from sqlalchemy import func, select
from streamlit.proto.BackMsg_pb2 import BackMsg

from data_access.access import UNRESTRICTED, Viewer
from data_access.accounts import administering, wall_keys
from data_access.areas.petitions.tables import petition
from data_access.audit.tables import deed
from data_access.exploring.saved_views import save_view
from tests.browser import until
from tests.office import Office
from tests.raw_clients import OpenPage, answer, open_page, said, status
from ui.frame.pages import PAGES

LIST = "tab=rows&state=open"
# Too long for a file at one click
LONG_LIST = "tab=rows&state=all"


def widget(heard: str, key: str) -> str:
    """The id of the widget with that key, as it was sent."""
    found = re.search(rf"\$\$[^\x00-\x1f]*-{re.escape(key)}(?=[\x00-\x1f]|$)", heard)
    assert found, key
    return found[0]


def pressed(
    page: OpenPage,
    heard: str,
    key: str,
    name: str = "",
    query: str = "",
    texts: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """All that comes when a button is pressed, and texts have been typed."""
    click = BackMsg()
    click.rerun_script.page_name, click.rerun_script.query_string = name, query
    for typed, words in texts.items():
        click.rerun_script.widget_states.widgets.add(id=widget(heard, typed), string_value=words)
    click.rerun_script.widget_states.widgets.add(id=widget(heard, key), trigger_value=True)
    return said(page.run(message=click))


def put(office: Office, token: str, cookie: str) -> int:
    return answer(office.server, f"/upload/{token}", {"Cookie": cookie, "Content-Length": "0"}, method="PUT").status


# --- Identifiers of others --------------------------------------------------------------------------


def test_a_file_is_taken_under_the_token_of_whom_it_was_given(office: Office) -> None:
    cookie, others = office.cookies["clerk"], office.add("other_clerk", "clerk")
    with open_page(office.server, cookie) as page:
        token = re.search(r'"token": ?"([\w-]+)"', said(page.run("data_import")))
        assert token
        told = [put(office, one, who) for one, who in (("x" * 32, cookie), (token[1], others), (token[1], cookie))]
        viewers = put(office, token[1], office.cookies["viewer"])
    assert (told, viewers) == ([404, 404, 200], 403)


def test_a_file_is_sent_to_whom_it_was_made_for(office: Office) -> None:
    cookie, others = office.cookies["duty_officer"], office.add("other_officer", "duty_officer")
    with open_page(office.server, cookie) as page:
        pressed(page, said(page.run("petitions", LONG_LIST)), "export cases csv", "petitions", LONG_LIST)
        link = ""

        def is_made() -> bool:
            nonlocal link
            found = re.search(r"export/[\w-]{32}", said(page.run("petitions", LONG_LIST)))
            link = found[0] if found else ""
            return bool(link)

        until(is_made)
        told = [
            status(office.server, path, Cookie=who)
            for path, who in (
                (f"/{link}", others),
                (f"/{link}", office.cookies["viewer"]),
                (f"/{link}x", cookie),
                (f"/{link}", cookie),
            )
        ]
    assert told == [404, 404, 404, 200]


def test_a_private_view_of_another_is_in_no_list_and_answers_what_its_reader_may_see(office: Office) -> None:
    question = {
        "parameters": {"count": ["received"], "by": ["township_code"]},
        "townships": {},
        "period": ["default"],
        "compare": "year",
        "names": {},
    }
    by = Viewer("duty_officer")
    kept = save_view(office.engine, name="他人的视图", description="", question=question, is_shared=False, by=by)
    with open_page(office.server, office.cookies["viewer"]) as page:
        for name in PAGES:
            assert "他人的视图" not in said(page.run(name)), name
        assert "从未有过" in said(page.run("explore", f"view={kept}x"))
        # Its link was sent to them: it is a question, and what it answers is its reader's.
        assert "answer_table" in said(page.run("explore", f"view={kept}"))
    with open_page(office.server, office.cookies["duty_officer"]) as page:
        assert "他人的视图" in said(page.run("explore"))


def case_of(office: Office) -> tuple[str, str]:
    """The address of an open case, and the telephone of who raised it."""
    with office.engine.connect() as connection:
        township, case_no, phone = connection.execute(
            select(petition.c.township_code, petition.c.case_no, petition.c.phone)
            .where(petition.c.phone != "", petition.c.closed_at.is_(None))
            .limit(1)
        ).one()
    return f"{LIST}&case={township}/{case_no}", phone


def test_who_connects_to_the_page_of_another_finds_nothing_of_it(office: Office) -> None:
    """A browser names the page that it connects to again; meanwhile another may have signed in there."""
    query, phone = case_of(office)
    with open_page(office.server, office.cookies["administrator"]) as page:
        heard = page.run("petitions", query)
        session = next(one.new_session.initialize.session_id for one in heard if one.HasField("new_session"))
        assert phone not in said(heard)
        shown = pressed(
            page, said(heard), "FormSubmitter:ask for persons-查看", "petitions", query, {"None": "回访核实"}
        )
        assert phone in shown + said(page.run("petitions", query))
    others = office.add("other_administrator", "administrator")

    def heard_by(cookie: str) -> str:
        with open_page(office.server, cookie, session) as page:
            heard = page.run("petitions", query)
            ids = {one.new_session.initialize.session_id for one in heard if one.HasField("new_session")}
            return said(heard) if ids == {session} else ""

    told = ""
    while not told:
        told = heard_by(others)
    assert phone not in told
    # The page begins anew instead.
    assert '"is_anothers":true' in told


# --- Rights that were taken -------------------------------------------------------------------------


def deed_count(office: Office, kind: str) -> int:
    with office.engine.connect() as connection:
        return connection.scalar(select(func.count()).where(deed.c.kind == kind)) or 0


@pytest.mark.parametrize("after", ["viewer", "locked"])
def test_an_open_page_of_whom_a_role_was_taken_from_shows_and_does_nothing(after: str, office: Office) -> None:
    name, kinds = f"once_{after}", ("wall-key-revoked", "exported")
    with open_page(office.server, office.add(name, "administrator")) as page:
        heard = page.run("record")
        session = next(one.new_session.initialize.session_id for one in heard if one.HasField("new_session"))
        files = [
            one.delta.new_element.download_button for one in heard if one.delta.new_element.HasField("download_button")
        ]
        accounts = said(page.run("accounts"))
        with office.engine.connect() as connection:
            wall = wall_keys.keys(connection, UNRESTRICTED)[0]["id"]
        if after == "viewer":
            administering.change_role(office.engine, UNRESTRICTED, name, after)
        else:
            administering.lock(office.engine, UNRESTRICTED, name)
        done = [deed_count(office, kind) for kind in kinds]
        asked = BackMsg()
        asked.backend_operation_request.session_id = session
        asked.backend_operation_request.deferred_file.file_id = files[0].deferred_file_id
        page.send(asked)
        told = [said(page.run(one)) for one in PAGES]
        told.append(pressed(page, accounts, f"revoke {wall}", "accounts"))
        skipping = BackMsg()
        skipping.rerun_script.fragment_id = "of the page"
        told.append(said(page.run(message=skipping)))
    for one in told:
        assert "登录已结束" in one
        assert "navigation" not in one
    assert [deed_count(office, kind) for kind in kinds] == done
