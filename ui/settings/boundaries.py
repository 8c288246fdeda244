"""Where townships and villages lie: a file of boundaries is chosen, stated, looked at and loaded; files are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.cache import engine, reachable_engine
from data_access.places.boundaries import Level, Outline
from data_access.places.boundary_files.checking import Areas, Checked, Finding, check
from data_access.places.boundary_files.known_points import known_points
from data_access.places.boundary_files.layers import Layer
from data_access.places.boundary_files.loading import (
    SUBJECT,
    BoundaryFile,
    areas_in,
    boundary_counts,
    boundary_files,
    keep_boundaries,
    known_outlines,
    other_systems,
    restate_system,
    withdraw_boundaries,
)
from data_access.places.boundary_files.reading import read_layers
from data_access.places.coordinates import SYSTEMS, System
from data_access.problems import Problem
from data_access.queries import County
from ui.charts.boundaries import preview
from ui.elements.asked_once import asked_once
from ui.elements.chart import chart, show_chart
from ui.elements.row_table import show_rows
from ui.files.upload import remove, upload_area, uploaded_path
from ui.importing.turns import CHECKS
from ui.settings.subject import Changes, number, save, subject
from ui.text import plain, problem_sentence, say

_DRAFT = "boundary draft"


@dataclass
class _Draft:
    """A file on its way: its layers, and what was made of them by what was chosen."""

    token: str
    path: Path
    layers: tuple[Layer, ...] = ()
    problem: Problem | None = None
    areas: dict[tuple[int, Level | None], Areas | Problem] = field(default_factory=dict)
    # By the state of the county's boundaries, too
    checked: dict[tuple[int, int, Level | None, str], Checked] = field(default_factory=dict)


def show_boundaries(county: County, changes: Changes, by: Viewer) -> None:
    """The boundaries that there are, and the way of a file of them into the county."""
    last = changes.get(SUBJECT)
    with reachable_engine().connect() as connection:
        counts = boundary_counts(connection, by)
        files = boundary_files(connection, by)
    with subject(SUBJECT, say("边界", "Boundaries"), _what_there_is(county, *counts), last):
        if county.townships.empty:
            st.caption(
                plain(
                    say(
                        "还没有镇街，请先在“数据导入”页装入镇街名录。",
                        "There are no townships yet: load their list on the import page.",
                    )
                )
            )
            return
        _load(number(last), by)
        if files:
            _kept(files, number(last), by)


def _what_there_is(county: County, townships: int, villages: int) -> str:
    if not (townships or villages):
        return say("没有边界：地图用示意方块", "none: maps are of schematic tiles")
    return say(
        f"{len(county.townships)} 个镇街中 {townships} 个有边界；村（社区）{villages} 个有边界",
        f"of {townships} of {len(county.townships)} townships, and of {villages} villages",
    )


# --- A file ---------------------------------------------------------------------------------------------


def _load(state: int, by: Viewer) -> None:
    if not by.may("import"):
        # What is sent takes the way of files to import.
        st.caption(plain(say("上传文件还要有导入数据的权限。", "To send a file takes the right to import, too.")))
        return
    kinds = say(
        "GeoJSON、KML、KMZ，或 Shapefile 各文件打成的 zip，最大 64 MB",
        "GeoJSON, KML, KMZ, or a zip of a shapefile's files, up to 64 MB",
    )
    token = upload_area(kinds)
    if token is not None and (path := uploaded_path(token)):
        _forget()
        st.session_state[_DRAFT] = _read(token, path)
    draft: _Draft | None = st.session_state.get(_DRAFT)
    if draft is None:
        return
    st.markdown(plain(say(f"文件：{draft.path.name}", f"File: {draft.path.name}")))
    if draft.problem is not None:
        st.error(problem_sentence(draft.problem))
        return
    names = [one.name for one in draft.layers]
    place = 0
    if len(names) > 1:
        place = st.selectbox(
            say("图层", "Layer"), range(len(names)), format_func=names.__getitem__, key=f"boundary layer {draft.token}"
        )
    columns = st.columns([1, 2.4], vertical_alignment="bottom")
    levels: dict[str, Level | None] = {
        say("按内容认", "By what it has"): None,
        say("镇街", "Townships"): "township",
        say("村（社区）", "Villages"): "village",
    }
    level = levels[
        columns[0].selectbox(say("是什么的边界", "Boundaries of"), list(levels), key=f"boundary level {draft.token}")
    ]
    areas = _areas(draft, place, level, by)
    if isinstance(areas, Problem):
        st.error(problem_sentence(areas))
        return
    with columns[1]:
        system = _stated(draft, place, areas)
    if system is None:
        _tell(areas.findings)
        st.info(
            plain(
                say(
                    "文件没有写明坐标系，请选择；不清楚的，问给您文件的单位。这里只列出坐标数字可能是的坐标系。西安 80、北京 54 和地方坐标系的"
                    "文件，请先转换成 CGCS2000。",
                    "The file does not say its coordinate system: choose it, and ask who gave you the file where you do not know. Only "
                    "systems that its numbers can be in are listed. Files in Xian 1980, Beijing 1954 or local systems are to be "
                    "converted to CGCS2000 first.",
                )
            )
        )
        return
    with reachable_engine().connect() as connection:
        known = known_outlines(connection, by)
    key = (state, place, level, system.code)
    if key not in draft.checked:
        with CHECKS, reachable_engine().connect() as connection:
            draft.checked[key] = check(areas, system, known, known_points(connection, by))
    _confirm(draft, draft.checked[key], known, state, by)


def _read(token: str, path: Path) -> _Draft:
    try:
        # Few at a time: large files take much memory.
        with CHECKS:
            return _Draft(token, path, read_layers(path))
    except Problem as problem:
        return _Draft(token, path, problem=problem)


def _areas(draft: _Draft, place: int, level: Level | None, by: Viewer) -> Areas | Problem:
    key = (place, level)
    if key not in draft.areas:
        try:
            with CHECKS, reachable_engine().connect() as connection:
                draft.areas[key] = areas_in(connection, by, draft.layers[place], level)
        except Problem as problem:
            draft.areas[key] = problem
    return draft.areas[key]


def _stated(draft: _Draft, place: int, areas: Areas) -> System | None:
    systems = [one.code for one in areas.systems]
    said = areas.declared
    label = say("坐标系（文件没有写明）", "Coordinate system (the file does not say)")
    if said is not None:
        label = say("坐标系（文件写明的，可以改）", "Coordinate system (as the file says)")
    code = st.selectbox(
        label,
        systems,
        index=systems.index(said.code) if said is not None else None,
        format_func=_system_name,
        placeholder=say("请选择", "Choose"),
        key=f"boundary system {draft.token} {place} {areas.level}",
    )
    return SYSTEMS[code] if code else None


def _system_name(code: str) -> str:
    system = SYSTEMS[code]
    return say(system.zh, system.en)


def _tell(findings: Sequence[Finding]) -> None:
    """What is refused first, then what is doubtful."""
    for kind, show in (("refused", st.error), ("doubtful", st.warning)):
        words = [say(one.zh, one.en) for one in findings if one.kind == kind]
        if words:
            show(plain("  \n".join(words)) if len(words) == 1 else "\n".join(f"- {plain(one)}" for one in words))
    told = [say(one.zh, one.en) for one in findings if one.kind == "told"]
    if told:
        st.markdown("\n".join(f"- {plain(one)}" for one in told))


def _confirm(draft: _Draft, checked: Checked, known: Sequence[Outline], state: int, by: Viewer) -> None:
    _tell(checked.findings)
    codes = {one.code for one in checked.outlines}
    near = [
        one
        for one in known
        if (one.code in codes if checked.level == "township" else one.code == one.township_code or one.code in codes)
    ]
    title = say(
        f"预览：蓝色是文件里的 {len(checked.outlines)} 个边界" + ("，灰色虚线是县里现有的" if near else ""),
        f"Preview: the {len(checked.outlines)} boundaries of the file in blue"
        + (", those that the county has as dotted lines" if near else ""),
    )
    points = checked.points[checked.points["is_told"]] if len(checked.points) else checked.points
    if len(points):
        title += say(
            "，点是摄像机和诉求，橙色的在自己的边界以外",
            ", cameras and cases as points, orange outside of their own boundary",
        )
    figure = preview(
        checked.outlines, near, points, east=say("东经", "Degrees east"), north=say("北纬", "Degrees north")
    )
    show_chart(chart(title, figure, clickable=False), f"boundary preview {checked.system.code}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if not checked.is_refused:
            is_sure = all(one.kind == "told" for one in checked.findings) or st.checkbox(
                say("看过预览和上面的提示，位置对", "I have seen the preview and what is said above: they lie right"),
                key=f"boundaries seen {draft.token} {checked.system.code}",
            )
            st.button(
                plain(say(f"装入 {len(checked.outlines)} 个边界", f"Load {len(checked.outlines)} boundaries")),
                type="primary",
                disabled=not is_sure,
                key="load boundaries",
                on_click=_keep,
                args=(checked, draft.path.name, state, by),
            )
        st.button(say("放弃这份文件", "Drop this file"), key="drop boundaries", on_click=_forget)


def _keep(checked: Checked, name: str, seen: int, by: Viewer) -> None:
    if save(SUBJECT, partial(keep_boundaries, engine(), by, checked, name, seen)):
        _forget()


def _forget() -> None:
    draft: _Draft | None = st.session_state.pop(_DRAFT, None)
    if draft is not None:
        remove(draft.token)


# --- What is kept ---------------------------------------------------------------------------------------


def _kept(files: Sequence[BoundaryFile], state: int, by: Viewer) -> None:
    st.markdown(f"**{say('装入的文件', 'Files loaded')}**")
    chosen = show_rows(
        pd.DataFrame(
            {
                say("文件", "File"): [one.name for one in files],
                say("坐标系", "Coordinate system"): [_system_name(one.system) for one in files],
                say("谁说的", "Said by"): [
                    say("装入的人", "whoever loaded it") if one.is_stated else say("文件", "the file") for one in files
                ],
                say("镇街", "Townships"): [one.townships for one in files],
                say("村（社区）", "Villages"): [one.villages for one in files],
                say("装入", "Loaded"): [f"{one.loaded_at:%Y-%m-%d %H:%M} {one.loaded_by}".strip() for one in files],
            }
        ),
        # Other rows are not those that were chosen.
        f"boundary files {state}",
        row_height=29,
        height=min(40 + 29 * len(files), 220),
        on_select="rerun",
        selection_mode="single-row",
    )["selection"]["rows"]
    if not chosen or chosen[0] >= len(files):
        st.caption(
            plain(
                say(
                    "同一个镇街或村居在几份文件里都有的，用最新的。点一行可以撤回它，或改它的坐标系。",
                    "Of what several files have, the latest holds. Choose a row to withdraw it or to correct its coordinate system.",
                )
            )
        )
        return
    file = files[chosen[0]]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        systems = [one.code for one in other_systems(file.system)]
        if len(systems) > 1:
            code = st.selectbox(
                say("其实是哪个坐标系", "Which system it really is in"),
                systems,
                index=systems.index(file.system),
                format_func=_system_name,
                key=f"restated {file.number} {state}",
            )
            st.button(
                say("改坐标系", "Correct the system"),
                disabled=code == file.system,
                key="restate boundaries",
                on_click=_restate,
                args=(file, code, state, by),
            )
        asked_once(
            say("撤回这份文件", "Withdraw this file"),
            say(
                f"撤回“{file.name}”的边界？这些地方回到它以前的边界，没有的回到示意方块。",
                f"Withdraw the boundaries of “{file.name}”? What held before holds again, or else tiles.",
            ),
            say("确认撤回", "Withdraw"),
            icon=":material/undo:",
            key="withdraw boundaries",
            on_click=_withdraw,
            args=(file, state, by),
        )


def _restate(file: BoundaryFile, code: str, seen: int, by: Viewer) -> None:
    save(SUBJECT, partial(restate_system, engine(), by, file.number, code, seen))


def _withdraw(file: BoundaryFile, seen: int, by: Viewer) -> None:
    save(SUBJECT, partial(withdraw_boundaries, engine(), by, file.number, seen))
