"""The charts of the bulletin, drawn by the system's Chromium as on the page.

A slide then shows what the room has seen, which a chart redrawn by another program would not.
"""

from __future__ import annotations

from data_access.evaluation.explanation import BY_HAND, moves
from ui import charts, text
from ui.bulletin.told import Bulletin
from ui.charts.figure import as_words


def figures(told: Bulletin) -> dict[str, tuple[str, charts.Figure]]:
    """The charts of the document and of slides: file name, then the sentence that says what each shows."""
    shown, before = told.shown, told.before
    drawn: dict[str, tuple[str, charts.Figure]] = {}
    table = shown.table().dropna(subset=["score"]).sort_values(["score", "code"], ascending=[False, True])
    if len(table):
        best = f"：{table['name'].iloc[0]}最高（{table['score'].iloc[0]:.2f} 分）"
        title = f"{told.month}{told.unfinished}得分{'，不排名' if told.unfinished else best}"
        drawn["得分"] = (
            title,
            charts.shares(
                table["name"].tolist(),
                table["score"].tolist(),
                axis="得分（分）",
                texts=[f"{score:.2f}" for score in table["score"]],
                keys=table["code"].tolist(),
                height=540,
            ),
        )
    if before is not None:
        split = moves(before, shown).drop(columns="change").dropna()
        if len(split):
            names = {one.key: one.zh for one in (*before.criteria, *shown.criteria)} | {BY_HAND: "加减分"}
            mean = (
                split.mean()
                .loc[lambda means: (means != 0) | (means.index != BY_HAND)]
                .sort_values(key=lambda amounts: amounts.abs(), ascending=False)
            )
            total = float(mean.sum())
            drawn["变化"] = (
                f"平均得分较上月{'上升' if total >= 0 else '下降'} {abs(total):.2f} 分，"
                f"影响最大的是{names[str(mean.index[0])]}（{text.signed(mean.iloc[0], 2)}）",
                charts.split(
                    [names[str(key)] for key in mean.index],
                    mean.tolist(),
                    axis="平均得分较上月的变化（分）",
                    texts=[text.signed(amount, 2) for amount in mean],
                    height=540,
                ),
            )
    return drawn


class NoBrowser(Exception):
    """There is no Chromium, Chrome or Edge to draw pictures with."""


def picture(title: str, figure: charts.Figure, *, scale: float = 2.0) -> bytes:
    """The figure as a 16:9 PNG, 960 x 540 points; taller where so many names need it. Raises NoBrowser."""
    # Takes a while to load, and only documents need it.
    import plotly.io

    font = {"family": "'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif", "size": 15, "color": "#17212B"}
    margin = {**figure["layout"]["margin"], "l": 30, "r": 40, "t": 84, "b": 24}
    axes = {name: {**figure["layout"][name], "tickfont": font, "gridcolor": "#D5DCE3"} for name in ("xaxis", "yaxis")}
    layout = {
        **figure["layout"],
        **axes,
        "title": {"text": as_words(title), "x": 0.03, "font": {**font, "size": 20}},
        "font": font,
        "margin": margin,
        "template": {},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
    }
    height = max(540, 140 + 22 * len(figure["layout"]["yaxis"].get("tickvals", ())))
    drawn = {"data": figure["data"], "layout": {**layout, "height": height}}
    try:
        image = plotly.io.to_image(drawn, format="png", width=960, height=height, scale=scale, validate=False)
    except (RuntimeError, OSError) as error:
        raise NoBrowser(str(error)) from None
    return bytes(image)


def pictures(told: Bulletin) -> dict[str, bytes]:
    """The charts as PNGs by title; none without a browser to draw them."""
    try:
        return {title: picture(title, figure) for title, figure in figures(told).values()}
    except NoBrowser:
        return {}
