"""Keeping evaluation schemes in the database, and proposing one by what data there are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Engine, delete, insert, select

from data_access.access import Viewer
from data_access.evaluation.schemes import Criterion, Rule, Scheme, load_schemes, scheme_in
from data_access.evaluation.tables import evaluation_scheme
from data_access.indicators import INDICATORS
from data_access.model.indicator import Indicator
from data_access.queries import County, measure
from data_access.scope import Scope, month_offset
from data_access.settings.changing import Changed, SettingProblem, changing
from data_access.settings.kept import kept_schemes

_ID = re.compile(r"[a-z0-9_]{1,64}")
# The three rates, each by the first indicator that the data tell, and their weights; and what else may stand alone
_RATES: tuple[tuple[tuple[str, ...], int], ...] = (
    (("signed_in_time_rate", "on_time_rate"), 30),
    (("resolved_rate",), 35),
    (("satisfaction_rate",), 35),
)
_ELSE = ("on_time_rate", "completion_rate", "false_closure_rate")
# Of so many finished months data are looked at, and so large a part of the townships has to have them.
_MONTHS, _PART = 3, 0.5
_FEWEST = 5


def is_scheme_id(name: str) -> bool:
    """Whether a scheme can be kept under this name."""
    return _ID.fullmatch(name) is not None


def save_scheme(
    engine: Engine,
    by: Viewer,
    scheme_id: str,
    content: str,
    indicators: Mapping[str, Indicator] = INDICATORS,
    seen: int | None = None,
    *,
    is_form: bool = False,
) -> Changed | None:
    """Keep a scheme, a TOML text, in the place of the one with this id. None: nothing is new.

    Results that are frozen stay. Raises SchemeProblem (``is_form``: by criterion, not by line), SettingProblem, NotAllowed.
    """
    by.require("administer")
    if not is_scheme_id(scheme_id):
        raise SettingProblem(
            "方案的文件名要由小写字母、数字、下划线组成，最多 64 个。",
            "A scheme's file name is made of small letters, digits and underscores, up to 64.",
        )
    scheme_in(scheme_id, content, indicators, is_form=is_form)
    # Not within the transaction: whoever saves another one of the series at the same moment is told by the page.
    load_schemes(indicators, {**kept_schemes(engine), scheme_id: content})
    t = evaluation_scheme.c
    with changing(engine, by, f"scheme {scheme_id}", seen) as change:
        before = change.connection.scalar(select(t.content).where(t.id == scheme_id))
        change.connection.execute(delete(evaluation_scheme).where(t.id == scheme_id))
        change.connection.execute(insert(evaluation_scheme).values(id=scheme_id, content=content))
        return change.told({} if before is None else {"content": before}, {"content": content})


def remove_scheme(engine: Engine, by: Viewer, scheme_id: str) -> Changed | None:
    """No longer keep a scheme; one that came along with the same id holds again. None: there is none. Raises NotAllowed."""
    t = evaluation_scheme.c
    with changing(engine, by, f"scheme {scheme_id}") as change:
        before = change.connection.scalar(select(t.content).where(t.id == scheme_id))
        change.connection.execute(delete(evaluation_scheme).where(t.id == scheme_id))
        return change.told({} if before is None else {"content": before}, {})


def proposed_scheme(engine: Engine, viewer: Viewer, county: County) -> Scheme | None:
    """The three rates (response, resolved, satisfied), as far as the last months' data tell them; None: nothing to score.

    A rate that no source tells is left out, its weight shared among the others; without any, what else there is of petitions.
    """
    if not county.months or "petitions" not in county.as_of:
        return None
    known = _known(engine, viewer, county)
    rates = [(next((code for code in codes if code in known), None), weight) for codes, weight in _RATES]
    chosen = [(code, weight) for code, weight in rates if code is not None]
    if len(chosen) < 2:
        named = dict(chosen)
        others = [(code, 30) for code in _ELSE if code in known and code not in named]
        chosen += others[: 3 - len(chosen)]
    if not chosen:
        return None
    whole = sum(weight for _, weight in chosen)
    weights = [round(100 * weight / whole) for _, weight in chosen]
    weights[-1] += 100 - sum(weights)
    criteria = tuple(_criterion(INDICATORS[code], weight) for (code, _), weight in zip(chosen, weights, strict=True))
    is_three = [one.indicator.code for one in criteria] == [codes[0] for codes, _ in _RATES]
    name, name_en = ("三率考评", "Three rates") if is_three else ("诉求考评", "Petitions")
    return Scheme(
        "county_rates", name, name_en, "county_rates", county.months[0], None, _FEWEST, "按现有数据拟", (), criteria
    )


def _criterion(indicator: Indicator, weight: int) -> Criterion:
    rule: Rule = "attain" if indicator.direction == "higher" else "deduct"
    target = float("nan") if indicator.target is None else indicator.target
    is_response = indicator.code == "signed_in_time_rate"
    zh, en = ("响应率", "Response") if is_response else (indicator.zh, indicator.en)
    return Criterion(indicator.code, indicator, zh, en, float(weight), rule, target, is_countys=True)


def _known(engine: Engine, viewer: Viewer, county: County) -> set[str]:
    """The indicators of petitions that the last finished months have for enough of the townships with cases."""
    codes = dict.fromkeys([*(code for codes, _ in _RATES for code in codes), *_ELSE])
    last = county.finished_month
    scope = Scope(viewer, None, max(county.months[0], month_offset(last, 1 - _MONTHS)), last)
    wanted = [INDICATORS["received"], *(INDICATORS[code] for code in codes)]
    table = measure(engine, wanted, scope, ("township_code",))
    table = table[table["received"] > 0]
    return {code for code in codes if len(table) and table[code].notna().mean() >= _PART}
