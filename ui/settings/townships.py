"""What the county is called, how its townships are grouped, and what sources call them."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.cache import engine, reachable_engine
from data_access.importing.places import keep_township_alias
from data_access.queries import County
from data_access.settings.county import name_county, remove_alias, set_leagues, township_aliases
from ui.elements.row_table import show_rows
from ui.frame.told import tell
from ui.importing.turns import write
from ui.settings.subject import Changes, form, number, save, save_button, subject, where
from ui.text import listed, plain, say, spelled


def show_county(county: County, changes: Changes, by: Viewer) -> None:
    """The county's name, and whether its data are a sample."""
    last = changes.get("county")
    now = form("county", last, (county.name, county.is_sample))
    its_name, is_sample = now.draft
    name = county.name or say("还没有县名", "no name yet")
    what = say("示例数据", "sample data") if county.is_sample else say("本县的数据", "the county's own data")
    with (
        subject("county", say("县名", "County"), f"{name} · {what}", last),
        st.form(f"county {now.key}", border=False, enter_to_submit=False),
    ):
        keys = [f"county {what} {now.key}" for what in ("name", "sample")]
        st.text_input(
            say("县（市、区）名，写在每页标题里", "The county's name, in the title of every page"),
            its_name,
            max_chars=64,
            key=keys[0],
        )
        st.checkbox(
            say(
                "这是示例数据：每页标明“示例数据，非真实业务数据”",
                "These are sample data: every page says that they are not the county's own",
            ),
            is_sample,
            key=keys[1],
        )
        save_button("county", _save_county, (keys, now.seen, by))


def _save_county(keys: list[str], seen: int, by: Viewer) -> None:
    name, is_sample = (st.session_state[key] for key in keys)
    save("county", partial(name_county, engine(), by, name, is_sample=is_sample, seen=seen))


def show_leagues(county: County, changes: Changes, by: Viewer) -> None:
    """The leagues that townships are compared in: by kind, or the county's own."""
    last = changes.get("leagues")
    groups = say("；", "; ").join(
        say(f"{name}（{len(codes)}）：", f"{name} ({len(codes)}): ")
        + listed([county.names[code] for code in codes], 20)
        for name, codes in county.kinds.items()
    )
    with subject(
        "leagues",
        say("镇街分组", "Leagues"),
        groups or _no_townships(),
        last,
    ):
        if county.townships.empty:
            return
        st.caption(
            plain(
                say(
                    "评比在组内排名，筛选里按组选择。没有分到组里的镇街按类别（街道、镇、乡……）成组。",
                    "Evaluations rank within a league, and filters offer each. Who is in none is in that of its kind.",
                )
            )
        )
        leagues = {name: codes for name, codes in county.kinds.items() if name in county.own_leagues}
        now = form("leagues", last, leagues)
        with st.form(f"leagues {now.key}", border=False, enter_to_submit=False):
            own = {name: f"league {now.key} {name}" for name in now.draft}
            for name, key in own.items():
                _choose(county, name, key, now.draft[name])
            new = f"league name {now.key}", f"league members {now.key}"
            columns = st.columns([1, 3], vertical_alignment="bottom")
            columns[0].text_input(
                say("新的组", "A new league"), max_chars=64, placeholder=say("如：城区组", "e.g. Town"), key=new[0]
            )
            with columns[1]:
                _choose(county, say("新组的镇街", "Its townships"), new[1])
            save_button("leagues", _save_leagues, (county, own, new, now.seen, by))


def _choose(county: County, label: str, key: str, own: tuple[str, ...] = ()) -> None:
    nothing = say("没有镇街：取消这个组", "No township: the league is dissolved")
    st.multiselect(
        plain(label),
        list(county.names),
        list(own),
        format_func=lambda code: spelled(county.names[code]),
        placeholder=nothing if own else say("选镇街", "Choose townships"),
        key=key,
    )


def _save_leagues(county: County, own: dict[str, str], new: tuple[str, str], seen: int, by: Viewer) -> None:
    pairs = [(name, code) for name, key in own.items() for code in st.session_state[key]]
    name, members = (st.session_state[key] for key in new)
    pairs += [(name.strip(), code) for code in members]
    codes = [code for _, code in pairs]
    words = ""
    if twice := sorted({county.names[code] for code in codes if codes.count(code) > 1}):
        words = say(
            f"{listed(twice)}选进了两个组，请只留一个。", f"{listed(twice)} would be in two leagues: leave one."
        )
    elif bool(name.strip()) != bool(members):
        words = say("新的组要写名称，并选镇街。", "A new league needs a name and townships.")
    if words:
        tell(where("leagues"), plain(words), is_problem=True)
    else:
        save("leagues", partial(set_leagues, engine(), by, {code: league for league, code in pairs}, seen))


def show_aliases(county: County, changes: Changes, by: Viewer) -> None:
    """What sources call townships; learned at imports, added and taken away here."""
    with reachable_engine().connect() as connection:
        aliases = township_aliases(connection, by)
    of_aliases = [changes[name] for name in changes if name.startswith("alias ")]
    last = max(of_aliases, key=lambda one: one.number, default=None)
    told = say(
        f"文件里另有 {len(aliases)} 种叫法认作镇街" if aliases else "文件里的镇街只按名称、代码和简称认",
        f"{len(aliases)} other words in files mean a township"
        if aliases
        else "Townships in files go by name, code and short name",
    )
    with subject("aliases", say("镇街别名", "Aliases of townships"), told, last):
        if county.townships.empty:
            st.caption(plain(_no_townships()))
            return
        if aliases:
            _remove(county, aliases, number(last), by)
        with (
            st.form("alias", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.text_input(say("文件里的叫法", "The word in files"), max_chars=64, key="alias word")
            st.selectbox(
                say("指哪个镇街", "The township it means"),
                list(county.names),
                format_func=lambda code: spelled(county.names[code]),
                key="alias of",
            )
            st.form_submit_button(say("添加", "Add"), key="add alias", on_click=_add_alias, args=(county, by))


def _add_alias(county: County, by: Viewer) -> None:
    word, code = st.session_state["alias word"].strip(), st.session_state["alias of"]
    told = say(f"已记下：“{word}”指{county.names[code]}。", f"Kept: “{word}” means {county.names[code]}.")
    if write(where("aliases"), partial(keep_township_alias, engine(), word, code, by=by), plain(told)):
        st.session_state["alias word"] = ""


def _remove(county: County, aliases: dict[str, str], state: int, by: Viewer) -> None:
    words = list(aliases)
    chosen = show_rows(
        pd.DataFrame(
            {
                say("叫法", "Word"): words,
                say("镇街", "Township"): [county.names.get(aliases[word], aliases[word]) for word in words],
            }
        ),
        # Other rows are not those that were chosen.
        f"aliases {state}",
        row_height=29,
        height=min(40 + 29 * len(words), 300),
        on_select="rerun",
        selection_mode="single-row",
    )["selection"]["rows"]
    if not chosen or chosen[0] >= len(words):
        st.caption(plain(say("点一行可以删去；已装入的数据不变", "Choose a row to remove it; what is loaded stays")))
        return
    word = words[chosen[0]]
    st.button(
        plain(say(f"删去“{word}”", f"Remove “{word}”")),
        icon=":material/delete:",
        key="remove alias",
        on_click=_remove_alias,
        args=(word, by),
    )


def _remove_alias(word: str, by: Viewer) -> None:
    told = say(f"已删去“{word}”，以后文件里的它不再认作镇街。", f"“{word}” no longer means a township in files.")
    write(where("aliases"), partial(remove_alias, engine(), by, word), plain(told))


def _no_townships() -> str:
    return say(
        "还没有镇街，请先在“数据导入”页装入镇街名录。",
        "There are no townships yet: load their list on the import page.",
    )
