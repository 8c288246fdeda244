"""Figures that townships report by hand: the printed ones that no fact table holds, and some to compare them with."""

from __future__ import annotations

import numpy as np

from sample_data.county import FIRST_PRINTED, MONTHS, Columns, PrintedFigure, Township, csv_rows


def definitions() -> Columns:
    """Columns of the reported_indicator table."""
    rows = csv_rows("reported_indicators.csv")
    names = ("code", "area", "name_zh", "name_en", "unit", "over_months", "first_month", "direction", "contact")
    columns: Columns = {name: [row[name] or None for row in rows] for name in names}
    # Those that every township reports are asked for, the others stand as the newspaper printed them.
    return columns | {"due_day": [int(row["due_day"]) if row["due_day"] else None for row in rows]}


def reports(townships: list[Township], figures: list[PrintedFigure], seed: int) -> Columns:
    """Columns of the indicator_report table."""
    rng = np.random.default_rng((seed, 6))
    rows: list[tuple[str, str, str, float, bool]] = []
    own = {place.code for place in townships}
    for definition in csv_rows("reported_indicators.csv"):
        code = definition["code"]
        lines = {
            figure.township_code: figure
            for figure in figures
            if figure.indicator == code and figure.township_code in own
        }
        for figure in lines.values():
            months = figure.months if definition["over_months"] == "sum" else figure.months[-1:]
            parts = _split(rng, figure, len(months))
            rows += [
                (figure.township_code, month, code, value, figure.at_least)
                for month, value in zip(months, parts, strict=True)
                # A line of work that happened once is not a zero in every other month.
                if value or figure.value > len(months)
            ]
        if definition["monthly_low"]:
            rows += _compared(rng, definition, townships, lines)
    names = ("township_code", "month", "code", "numerator", "at_least")
    columns: Columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return columns


def _split(rng: np.random.Generator, figure: PrintedFigure, months: int) -> list[float]:
    """The figure in so many parts, which add up to it to its last printed digit."""
    scale = 10**figure.decimals
    shares = rng.dirichlet(np.full(months, 18.0))
    parts: list[int] = rng.multinomial(round(figure.value * scale), shares).tolist()
    return [part / scale for part in parts]


def _compared(
    rng: np.random.Generator,
    definition: dict[str, str],
    townships: list[Township],
    lines: dict[str, PrintedFigure],
) -> list[tuple[str, str, str, float, bool]]:
    """The other townships' monthly figures, and those of the printed ones for the year before."""
    low, high = float(definition["monthly_low"]), float(definition["monthly_high"])
    rows = []
    for place in townships:
        figure = lines.get(place.code)
        if figure is None:
            usual = rng.uniform(low, high) * np.sqrt(place.residents / 60_000)
        else:
            usual = figure.value / len(figure.months) * 0.85
        decimals = 2 if definition["unit"] == "万元" else 0
        monthly = np.round(usual * rng.uniform(0.8, 1.25, len(MONTHS)), decimals)
        rows += [
            (place.code, month, definition["code"], float(value), False)
            for index, (month, value, silent) in enumerate(zip(MONTHS, monthly, place.silent, strict=True))
            if not silent and (figure is None or index < FIRST_PRINTED)
        ]
    return rows
