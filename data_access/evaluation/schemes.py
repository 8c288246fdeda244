"""Evaluation schemes: TOML files that name indicators, weights that sum to 100, and a scoring rule for each."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import tomli_w

from data_access.areas.petitions.area import CATEGORIES
from data_access.indicators import INDICATORS
from data_access.model.indicator import Indicator
from data_access.model.target import Targets
from data_access.problems import Problem
from data_access.scope import is_month

Rule = Literal["deduct", "attain", "rank"]
# What it costs a township not to have reported: it is listed below the ranked, shares the place after them, gets no
# points where nothing was reported, or is only listed apart.
Unreported = Literal["below", "last", "zero", "unranked"]
# What stands for a criterion that nothing fell under: the township's own rate of points on its other criteria, the mean
# of its league, or nothing, so that it is not ranked.
NoBusiness = Literal["share", "mean", "unranked"]
# Whether who lacks what the source never recorded is ranked on the rest.
Unrecorded = Literal["unranked", "rest"]

# As a criterion's target: the one that the county has set, or without one the declared one
COUNTYS = "county"

SHIPPED = Path(__file__).resolve().parent / "schemes"
_ROOT = SHIPPED.parents[2]
_SCHEME_KEYS = {
    *("name", "name_en", "series", "from", "to", "min_cases", "source", "leagues", "criteria"),
    *("unreported", "no_business", "unrecorded", "objection_days"),
}
_CRITERION_KEYS = {"indicator", "name", "name_en", "weight", "rule", "target", "per_point", "floor", "cap", "where"}


# What forms call the keys
LABELS: Mapping[str, tuple[str, str]] = {
    "from": ("从哪个月起", "From the month"),
    "to": ("到哪个月", "To the month"),
    "min_cases": ("分母不足多少不排名", "Not ranked under"),
    "objection_days": ("公示几天", "Days of objection"),
    "weight": ("权重", "Weight"),
    "target": ("目标", "Target"),
    "per_point": ("每差 1 扣", "Less per 1 short"),
    "floor": ("扣到", "At least"),
    "cap": ("至多几倍", "At most times"),
}


class SchemeProblem(Problem):
    """A scheme cannot be used. ``zh`` and ``en`` name the file, the line and what is wrong."""


@dataclass(frozen=True)
class Criterion:
    """One indicator in a scheme: how many points it is worth and the rule that gives them.

    ``deduct``: weight - per_point x points short of the target, never below ``floor``. ``attain``: weight x value /
    target (target / value where lower is better), at most weight x ``cap``. ``rank``: weight x (size - place + 1) /
    size by place in the league. ``where`` narrows to cases of a channel or category. ``is_countys``: the target is what the
    county has set for the month, of which ``own_targets`` are those of townships, by code.
    """

    key: str
    indicator: Indicator
    zh: str
    en: str
    weight: float
    rule: Rule
    target: float
    per_point: float = 1.0
    floor: float = 0.0
    cap: float = 1.0
    where: tuple[tuple[str, str], ...] = ()
    is_countys: bool = False
    own_targets: tuple[tuple[str, float], ...] = ()

    def goals(self, codes: Sequence[str]) -> npt.NDArray[np.float64]:
        """What each township (by code) is held to; NaN: to nothing."""
        own = dict(self.own_targets)
        return np.array([own.get(code, self.target) for code in codes], dtype=float)

    def of_township(self, code: str) -> Criterion:
        """The criterion as it is for one township."""
        return replace(self, target=float(self.goals((code,))[0]), own_targets=())

    def held_to(self, targets: Targets, month: str, codes: Sequence[str]) -> Criterion:
        """The criterion with the county's targets of a month, where the scheme has none of its own."""
        if not self.is_countys:
            return self
        of_all = targets.target(self.indicator, (month,))
        shared = self.target
        if of_all is not None:
            # What all together shall reach says nothing of each.
            shared = of_all if self.indicator.is_ratio or of_all == 0 else math.nan
        told = {code: targets.target(self.indicator, (month,), (code,)) for code in codes}
        own = tuple((code, goal) for code, goal in told.items() if goal is not None and goal != shared)
        return replace(self, target=shared, own_targets=own)

    @property
    def area(self) -> str:
        """The area whose data it needs; what townships report by hand has an as-of date of its own."""
        return self.indicator.data_area


@dataclass(frozen=True)
class Scheme:
    """A scheme and the months it is valid for (``last`` None: until further notice).

    ``leagues`` maps a league's name to the kinds, the county's own leagues or the codes of its townships; empty: these
    leagues, and one for each kind. Townships
    with fewer than ``min_cases`` in the denominator of a share are listed apart. A result is final when the days of
    objection to its draft are over (0: at once).
    """

    id: str
    zh: str
    en: str
    series: str
    first: str
    last: str | None
    min_cases: int
    source: str
    leagues: tuple[tuple[str, tuple[str, ...]], ...]
    criteria: tuple[Criterion, ...]
    unreported: Unreported = "below"
    no_business: NoBusiness = "share"
    unrecorded: Unrecorded = "unranked"
    objection_days: int = 0

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas whose data the criteria need, as ``as_of_dates`` names them."""
        return tuple(dict.fromkeys(one.area for one in self.criteria))

    def held_to(self, targets: Targets, month: str, codes: Sequence[str]) -> Scheme:
        """The scheme with the county's targets of a month in it, for townships by code."""
        return replace(self, criteria=tuple(one.held_to(targets, month, codes) for one in self.criteria))

    def is_valid_in(self, month: str) -> bool:
        """Whether the scheme applies to the month."""
        return self.first <= month and (self.last is None or month <= self.last)

    def league_of(self, code: str, kind: str, own: str | None = None) -> str | None:
        """The league of a township, of which ``own`` is the county's for it; None when the scheme does not rank it."""
        if not self.leagues:
            return own or kind
        called = {code, kind, own}
        return next((name for name, members in self.leagues if not called.isdisjoint(members)), None)


def own_folder() -> Path:
    """Where a county keeps its schemes: ``EVALUATION_SCHEMES``, else ``data/schemes`` beside the program."""
    return Path(os.environ.get("EVALUATION_SCHEMES") or _ROOT / "data" / "schemes")


def load_schemes(
    indicators: Mapping[str, Indicator] = INDICATORS, kept: Mapping[str, str] | None = None
) -> tuple[Scheme, ...]:
    """The schemes shipped, and the county's own: those in its folder, and those in the database, as TOML by id (``kept``).

    Each replaces those before it that have the same name. Raises SchemeProblem.
    """
    readers = {name: _reader(name, source) for name, source in _sources(kept or {}).items()}
    schemes = [reader.scheme(indicators) for reader in readers.values()]
    _refuse_overlaps(schemes, readers)
    return tuple(schemes)


def readable_schemes(indicators: Mapping[str, Indicator], kept: Mapping[str, str]) -> tuple[Scheme, ...]:
    """Those of the same that can be read, also where others cannot, or where their months overlap."""
    found = []
    for name, source in _sources(kept).items():
        with suppress(SchemeProblem):
            found.append(_reader(name, source).scheme(indicators))
    return tuple(found)


def _sources(kept: Mapping[str, str]) -> dict[str, Path | str]:
    """By the names of all schemes the files, or what the database has in their places."""
    found: dict[str, Path | str] = {
        path.stem: path for folder in (SHIPPED, own_folder()) for path in folder.glob("*.toml")
    }
    found |= kept
    return dict(sorted(found.items()))


def _reader(name: str, source: Path | str) -> _Reader:
    return _Reader(name, source if isinstance(source, str) else _text(source))


def read_scheme(path: Path, indicators: Mapping[str, Indicator] = INDICATORS) -> Scheme:
    """The scheme in the file. Raises SchemeProblem with the line at fault."""
    return scheme_in(path.stem, _text(path), indicators)


def scheme_in(
    name: str, content: str, indicators: Mapping[str, Indicator] = INDICATORS, *, is_form: bool = False
) -> Scheme:
    """The scheme that a TOML text holds. Raises SchemeProblem with the line at fault; of a form, with the criterion."""
    return _Reader(name, content, is_form=is_form).scheme(indicators)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeProblem(
            f"读不了评比方案 {path.name}：{error}", f"Cannot read the scheme {path.name}: {error}"
        ) from None


def written(scheme: Scheme) -> str:
    """The scheme as TOML, which :func:`scheme_in` reads as the same scheme."""
    plain = Scheme(scheme.id, "", "", "", "", None, 0, "", (), ())
    given: dict[str, Any] = {"name": scheme.zh, "name_en": scheme.en, "series": scheme.series, "from": scheme.first}
    given |= {"to": scheme.last} if scheme.last else {}
    given |= {"min_cases": scheme.min_cases, "source": scheme.source}
    for key in ("unreported", "no_business", "unrecorded", "objection_days"):
        if getattr(scheme, key) != getattr(plain, key):
            given[key] = getattr(scheme, key)
    if scheme.leagues:
        given["leagues"] = {name: list(members) for name, members in scheme.leagues}
    return tomli_w.dumps({**given, "criteria": [_written(one) for one in scheme.criteria]})


def _written(one: Criterion) -> dict[str, Any]:
    target = {} if one.rule == "rank" or math.isnan(one.target) else {"target": one.target}
    given: dict[str, Any] = {"indicator": one.indicator.code, "name": one.zh, "name_en": one.en, "weight": one.weight}
    given |= {"rule": one.rule} | ({"target": COUNTYS} if one.is_countys else target)
    if one.rule == "deduct":
        given |= {"per_point": one.per_point, "floor": one.floor}
    if one.rule == "attain":
        given |= {"cap": one.cap}
    return given | ({"where": dict(one.where)} if one.where else {})


def _refuse_overlaps(schemes: Iterable[Scheme], readers: Mapping[str, _Reader]) -> None:
    for one, other in combinations(sorted(schemes, key=lambda scheme: scheme.first), 2):
        if one.series == other.series and (one.last is None or one.last >= other.first):
            raise readers[other.id].problem(
                f"与 {one.id}.toml 的月份重叠，同一系列（{one.series}）每月只能有一个方案；请改起止月份。",
                f"its months overlap those of {one.id}.toml; a series ({one.series}) has one scheme a month.",
                "from",
            )


class _Reader:
    def __init__(self, name: str, content: str, *, is_form: bool = False) -> None:
        self._name = name
        self._text = content
        self._is_form = is_form

    def problem(self, zh: str, en: str, key: str = "name", criterion: int | None = None) -> SchemeProblem:
        if self._is_form:
            place = ("", "") if criterion is None else (f"第 {criterion + 1} 项：", f"Criterion {criterion + 1}: ")
            return SchemeProblem(place[0] + zh, place[1] + en)
        line = self._line(key, criterion)
        return SchemeProblem(
            f"评比方案 {self._name}.toml 第 {line} 行：{zh}", f"Scheme {self._name}.toml, line {line}: {en}"
        )

    def _called(self, key: str) -> tuple[str, str]:
        """What a key is called: in a form its label."""
        return LABELS[key] if self._is_form and key in LABELS else (key, key)

    def _line(self, key: str, criterion: int | None) -> int:
        """The line of the key, in the table of that criterion if one is given; else that of the table."""
        begin, lines = 0, self._text.splitlines()
        if criterion is not None:
            heads = [number for number, line in enumerate(lines) if re.match(r"\s*\[\[\s*criteria\s*\]\]", line)]
            begin = heads[criterion] if criterion < len(heads) else 0
        for number in range(begin + (criterion is not None), len(lines)):
            if re.match(rf"\s*(\[\s*)?[\"']?{re.escape(key)}[\"']?\s*(=|\])", lines[number]):
                return number + 1
            if criterion is not None and re.match(r"\s*\[\[", lines[number]):
                break
        return begin + 1

    def scheme(self, indicators: Mapping[str, Indicator]) -> Scheme:
        try:
            given = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SchemeProblem(
                f"评比方案 {self._name}.toml 不是合格的 TOML：{error}", f"Scheme {self._name}.toml is not TOML: {error}"
            ) from None
        self._refuse_unknown(given, _SCHEME_KEYS, None)
        criteria = given.get("criteria")
        if not isinstance(criteria, list) or not criteria:
            where = ("", "") if self._is_form else ("（[[criteria]]）", " ([[criteria]])")
            raise self.problem(f"没有指标{where[0]}。", f"It has no criteria{where[1]}.")
        read = tuple(self._criterion(number, part, indicators) for number, part in enumerate(criteria))
        # A file is told where the last one stands.
        last_one = None if self._is_form else len(read) - 1
        total = math.fsum(criterion.weight for criterion in read)
        if abs(total - 100) > 1e-9:
            raise self.problem(
                f"权重合计 {total:g}，应为 100。", f"the weights sum to {total:g}, not 100.", "weight", last_one
            )
        doubled = next((one for one, other in combinations(read, 2) if one.key == other.key), None)
        if doubled:
            raise self.problem(
                f"指标{doubled.indicator.zh}出现两次。",
                f"{doubled.indicator.en} stands in it twice.",
                "indicator",
                last_one,
            )
        first, last = self._month(given, "from"), self._month(given, "to") if "to" in given else None
        if last is not None and last < first:
            raise self.problem("止月早于起月。", "it ends before it begins.", "to")
        if self._is_form and "name" not in given:
            raise self.problem("请写方案的名称。", "Give the scheme a name.")
        name = str(given.get("name", self._name))
        leagues = given.get("leagues", {})
        if not isinstance(leagues, dict) or not all(isinstance(members, list) for members in leagues.values()):
            raise self.problem(
                '分组要写成 名称 = ["类别或代码", …]。', 'leagues are written name = ["kind or code", …].', "leagues"
            )
        return Scheme(
            id=self._name,
            zh=name,
            en=str(given.get("name_en", name)),
            series=str(given.get("series", self._name)),
            first=first,
            last=last,
            min_cases=int(self._number(given, "min_cases", None, 0)),
            source=str(given.get("source", "")),
            leagues=tuple((league, tuple(map(str, members))) for league, members in leagues.items()),
            criteria=read,
            unreported=self._choice(given, "unreported", Unreported),
            no_business=self._choice(given, "no_business", NoBusiness),
            unrecorded=self._choice(given, "unrecorded", Unrecorded),
            objection_days=int(self._number(given, "objection_days", None, 0)),
        )

    def _criterion(self, number: int, given: Mapping[str, Any], indicators: Mapping[str, Indicator]) -> Criterion:
        self._refuse_unknown(given, _CRITERION_KEYS, number)
        code = str(given.get("indicator", ""))
        indicator = indicators.get(code)
        if self._is_form and not (code and given.get("rule")):
            raise self.problem("请选指标和计分办法。", "Choose an indicator and a rule.", criterion=number)
        if indicator is None:
            raise self.problem(f"没有指标 {code}。", f"there is no indicator {code}.", "indicator", number)
        rule = given.get("rule")
        if rule not in get_args(Rule):
            raise self.problem(
                f"计分规则 {rule} 不认识，应为 deduct、attain 或 rank。",
                f"unknown rule {rule}; use deduct, attain or rank.",
                "rule",
                number,
            )
        if indicator.direction == "neither":
            raise self.problem(
                f"{indicator.zh}没有好坏方向，不能计分。",
                f"{code} has no better direction and cannot be scored.",
                "indicator",
                number,
            )
        is_countys = given.get("target", COUNTYS) == COUNTYS
        target = indicator.target if is_countys else self._number(given, "target", number)
        if target is None and rule != "rank" and "target" not in given:
            raise self.problem(
                f'{indicator.zh}要写目标 target；用“设置”里定的目标时写 target = "{COUNTYS}"。',
                f'{code} needs a target; target = "{COUNTYS}" takes the one of the settings.',
                "rule",
                number,
            )
        weight = self._number(given, "weight", number)
        if weight <= 0:
            raise self.problem("权重要大于 0。", "a weight is more than 0.", "weight", number)
        if rule == "attain" and indicator.direction == "higher" and not target and not is_countys:
            raise self.problem("按达成率计分的目标要大于 0。", "attain needs a target over 0.", "target", number)
        where = given.get("where", {})
        pairs = tuple((str(name), str(value)) for name, value in where.items())
        if pairs and indicator.source != "petition_month":
            raise self.problem(
                "只有诉求指标可以按渠道、类别取一部分。", "only petitions can be narrowed.", "where", number
            )
        if self._is_form and any(name not in CATEGORIES for name, _ in pairs):
            raise self.problem(
                "“只算渠道”写渠道，或写“一级类别=城乡建设”这样的类别。",
                "Channel takes a channel, or a category such as “Category 1=…”.",
                criterion=number,
            )
        if any(name not in CATEGORIES for name, _ in pairs):
            raise self.problem(
                "where 只能用 channel、category_1、category_2、category_3。",
                "where takes channel, category_1, category_2 and category_3.",
                "where",
                number,
            )
        suffix = "".join(f" {name}={value}" for name, value in pairs)
        narrowed = "，".join(value for _, value in pairs)
        return Criterion(
            key=code + suffix,
            indicator=indicator,
            zh=str(given.get("name", indicator.zh + (f"（{narrowed}）" if narrowed else ""))),
            en=str(given.get("name_en", indicator.en + (f" ({narrowed})" if narrowed else ""))),
            weight=weight,
            rule=cast(Rule, rule),
            target=float("nan") if target is None else float(target),
            per_point=self._number(given, "per_point", number, 1.0),
            floor=self._number(given, "floor", number, 0.0),
            cap=self._number(given, "cap", number, 1.0),
            where=pairs,
            is_countys=is_countys and rule != "rank",
        )

    def _choice(self, given: Mapping[str, Any], key: str, choices: Any) -> Any:
        """One of the choices, the first where none is given."""
        known = get_args(choices)
        if given.get(key, known[0]) not in known:
            raise self.problem(
                f"“{key}”要写成 {'、'.join(known)} 之一。", f"“{key}” must be one of {', '.join(known)}.", key
            )
        return given.get(key, known[0])

    def _refuse_unknown(self, given: Mapping[str, Any], known: set[str], criterion: int | None) -> None:
        for key in given:
            if key not in known:
                raise self.problem(f"不认识“{key}”。", f"unknown key “{key}”.", key, criterion)

    def _month(self, given: Mapping[str, Any], key: str) -> str:
        month = str(given.get(key, ""))
        if not is_month(month):
            zh, en = self._called(key)
            raise self.problem(f"“{zh}”要写成 2023-01 这样的月份。", f"“{en}” must be a month such as 2023-01.", key)
        return month

    def _number(self, given: Mapping[str, Any], key: str, criterion: int | None, default: float | None = None) -> float:
        value = given.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            zh, en = self._called(key)
            raise self.problem(
                f"“{zh}”要写成不小于 0 的数。", f"“{en}” must be a number of at least 0.", key, criterion
            )
        return float(value)
