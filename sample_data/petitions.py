"""Petitions: who complains about what, when, and how it was handled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from data_access.areas.grid.register import GRID
from sample_data.county import (
    DAY,
    DAY_MONTHS,
    DAY_STARTS,
    FIRST_PRINTED,
    HOUR,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NOW,
    WEEKDAYS,
    Array,
    Columns,
    PrintedFigure,
    Township,
    csv_rows,
    draw,
    month_index,
    objects,
    printed,
    times,
)

# Weights by month of the year, January first
_SEASONS = {
    "": (1,) * 12,
    "heating": (3.2, 2.6, 1.2, 0.1, 0.05, 0.05, 0.05, 0.05, 0.1, 0.6, 2.8, 3.4),
    "winter": (1.7, 1.4, 1, 0.7, 0.6, 0.6, 0.6, 0.6, 0.9, 1.3, 1.6, 1.8),
    "newyear": (4.5, 3, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.2, 0.3, 0.4, 1.6),
    "yearend": (2.6, 1.4, 0.7, 0.6, 0.6, 0.7, 0.7, 0.8, 0.9, 0.9, 1.3, 2.2),
    "spring": (0.4, 0.8, 2, 2.2, 1.8, 1, 0.6, 0.5, 0.8, 1, 0.7, 0.4),
    "summer": (0.5, 0.5, 0.7, 0.9, 1.2, 1.7, 2, 1.9, 1.2, 0.8, 0.5, 0.4),
    "flood": (0.1, 0.1, 0.2, 0.4, 0.6, 1.8, 4, 3.2, 1.2, 0.3, 0.1, 0.1),
    "harvest": (0.3, 0.3, 0.5, 0.6, 0.8, 3.2, 0.8, 0.6, 1.6, 3, 0.9, 0.3),
    "school": (0.5, 0.7, 0.9, 0.7, 0.8, 1.4, 1.8, 3, 1.8, 0.6, 0.5, 0.5),
}
_CHANNELS = ("12345热线", "网格上报", "上级交办", "领导信箱", "信访")
_HOTLINE, _FROM_GRID, _ASSIGNED, _MAILBOX, _LETTERS = range(5)
_CHANNEL_WEIGHTS = {"街道": (64, 13, 10, 8, 5), "镇": (52, 24, 10, 5, 9)}
# The hotline and the mailbox never close; the grids and the offices keep working hours.
_ROUND_THE_CLOCK = (6, 3, 2, 2, 2, 5, 14, 36, 78, 100, 92, 70, 40, 42, 66, 76, 72, 62, 46, 40, 36, 28, 18, 10)
_OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 2, 14, 80, 100, 90, 56, 8, 14, 70, 80, 66, 30, 6, 2, 1, 0, 0, 0)
_WEEKDAY_WEIGHTS = np.array([1.32, 1.12, 1.05, 1.02, 1.0, 0.68, 0.58])
_OPENINGS = (
    "{}居民来电反映：",
    "网格员在{}走访时了解到：",
    "上级交办{}居民反映的事项：",
    "{}居民来信反映：",
    "{}居民来访反映：",
)
_FOLLOWS = ("", "", "此前曾向村居反映，一直没有得到解决。", "附近多名居民也有同样的诉求。", "这一情况已持续一段时间。")
_REPEAT_FOLLOW = "此前已反映过该问题，答复已办结，但问题仍然存在。"
_INVALID = ("重复录入", "非本市管辖事项", "诉求人撤回", "无实质诉求内容", "已进入诉讼程序")
_SURNAMES = "王李张刘陈杨赵孙周吴徐马朱胡郭孔孟宋韩冯曹颜邵田董程秦姜范闫石潘侯崔魏邱"
_GIVEN = "伟芳敏静丽强磊军洋艳勇杰娟涛明超兰霞平刚桂英华红玉梅建国庆春秀文志海燕龙凤云峰宇晨浩欣怡佳雪"
_ANSWER_SPREAD = 0.55


@dataclass(frozen=True)
class _CaseTypes:
    """The leaves of the category tree, as parallel arrays."""

    categories: tuple[Array, Array, Array]
    weights: Array
    urban: Array
    seasons: Array
    days: Array
    departments: Array
    titles: Array
    details: Array
    requests: Array


def _case_types() -> _CaseTypes:
    rows = csv_rows("case_types.csv")
    return _CaseTypes(
        (
            objects([row["category_1"] for row in rows]),
            objects([row["category_2"] for row in rows]),
            objects([row["category_3"] for row in rows]),
        ),
        np.array([float(row["weight"]) for row in rows]),
        np.array([float(row["urban"]) for row in rows]),
        np.array([[_SEASONS[row["season"]][int(month[5:]) - 1] for row in rows] for month in MONTHS]),
        np.array([int(row["days"]) for row in rows]),
        objects([row["departments"].split("|") for row in rows]),
        objects([row["titles"].split("|") for row in rows]),
        objects([row["details"].split("|") for row in rows]),
        objects([row["request"] for row in rows]),
    )


def cases(
    townships: list[Township], figures: list[PrintedFigure], grids: dict[str, Columns], total: int, seed: int
) -> Iterator[Columns]:
    """Columns of the petition table, township by township. ``grids`` are the grid table's columns."""
    types = _case_types()
    all_closed = printed(figures, "completion_rate")
    satisfied = printed(figures, "satisfaction_rate")
    volumes = np.array([place.residents * place.petition_weight for place in townships])
    ends = np.round(np.cumsum(volumes) / volumes.sum() * total).astype(int)
    for place, count in zip(townships, np.diff(ends, prepend=0), strict=True):
        rng = np.random.default_rng((seed, 1, int(place.code)))
        yield _Cases(place, types, rng, int(count), place.code in all_closed, satisfied.get(place.code)).columns(
            grids[place.code]
        )


class _Cases:
    """The cases of one township: first the original ones, then those that repeat a closed one."""

    def __init__(
        self,
        place: Township,
        types: _CaseTypes,
        rng: np.random.Generator,
        count: int,
        all_closed: bool,
        satisfied_percent: float | None,
    ) -> None:
        self.place, self.types, self.rng, self.all_closed = place, types, rng, all_closed
        again = round(count * (place.false_closed * 1.15 + 0.03))
        first = count - again
        self.leaf, self.received = self._raised(first)
        self.channel = draw(rng, np.array(_CHANNEL_WEIGHTS[place.kind]), first)
        # A few villages complain far more than others.
        busy = rng.permutation(1 / (np.arange(len(place.villages)) + 3.0))
        self.village = np.where(rng.random(first) < 0.85, draw(rng, busy, first), -1)
        self.variant = rng.integers(0, 2, first)
        self.who = rng.integers(0, 2**31, first)
        self.received = self.received + self._time_of_day(self.channel)
        self.signed, self.due, self.closed = self._handled(self.leaf, self.received)
        self.repeats = np.full(first, -1)
        self._raise_again(again)
        # Case numbers follow the order of receipt.
        order = np.argsort(self.received, kind="stable")
        rank = np.argsort(order, kind="stable")
        self.repeats = np.where(self.repeats >= 0, rank[self.repeats], -1)
        for name in ("leaf", "channel", "village", "variant", "who", "received", "signed", "due", "closed", "repeats"):
            setattr(self, name, getattr(self, name)[order])
        self._answer(satisfied_percent)

    def _raised(self, count: int) -> tuple[Array, Array]:
        """What was raised on which day: weekdays, holidays, a slow growth, and the season of each matter."""
        types = self.types
        weights = types.weights * np.where(self.place.is_urban, types.urban, 1 / np.sqrt(np.maximum(types.urban, 0.2)))
        by_month = types.seasons * weights
        growth = np.linspace(0.94, 1.08, len(MONTHS)) * self.rng.normal(1, 0.03, len(MONTHS))
        # The season moves matters about more than it moves the total.
        volume = growth * np.sqrt(by_month.sum(axis=1))
        days = (
            volume[DAY_MONTHS] * _WEEKDAY_WEIGHTS[WEEKDAYS] * self.rng.normal(1, 0.08, len(DAY_STARTS)).clip(0.7, 1.3)
        )
        for holiday in ("2022-01-31", "2022-10-01", "2023-01-21"):
            start = int(np.datetime64(holiday, "s").astype(np.int64))
            days[(start <= DAY_STARTS) & (start + 7 * DAY > DAY_STARTS)] *= 0.35
        day = draw(self.rng, days, count)
        month = DAY_MONTHS[day]
        leaf = np.empty(count, dtype=np.int64)
        for index in range(len(MONTHS)):
            those = month == index
            leaf[those] = draw(self.rng, by_month[index], int(those.sum()))
        return leaf, DAY_STARTS[day]

    def _time_of_day(self, channel: Array) -> Array:
        """Seconds since midnight, at the hours that the channels are used."""
        count = len(channel)
        round_the_clock, office = (
            draw(self.rng, np.array(hours), count) for hours in (_ROUND_THE_CLOCK, _OFFICE_HOURS)
        )
        hour = np.where(np.isin(channel, (_HOTLINE, _MAILBOX)), round_the_clock, office)
        return hour * HOUR + self.rng.integers(0, HOUR, count)

    def _handled(self, leaf: Array, received: Array) -> tuple[Array, Array, Array]:
        """When the cases were signed for, due and closed; later than now where that is still to come."""
        rng, place, count = self.rng, self.place, len(received)
        month = month_index(received)
        late = rng.random(count) > place.signed
        promptly = np.minimum(np.exp(rng.normal(np.log(3.2), 0.9, count)), 23.5)
        signed = received + (np.where(late, rng.uniform(24.5, 70, count), promptly) * HOUR).astype(np.int64)
        received_day = received.astype("datetime64[s]").astype("datetime64[D]")
        due_day = np.busday_offset(received_day, self.types.days[leaf], roll="forward")
        due = due_day.astype("datetime64[s]").astype(np.int64) + 18 * HOUR
        # The median share of the allowed time that leaves the wished share of cases on time
        on_time = (place.on_time + place.month_shift(0.12) + rng.normal(0, 0.006, len(MONTHS))).clip(0.6, 0.99)
        median = np.array([-_ANSWER_SPREAD * NormalDist().inv_cdf(float(share)) for share in on_time])
        share = np.exp(rng.normal(median[month], _ANSWER_SPREAD))
        # A few cases get stuck.
        share = np.where(rng.random(count) < 0.01, share * rng.uniform(3, 9, count), share)
        closed = received + ((due - received) * share).astype(np.int64)
        # Most cases are closed on a working day, nearly all in working hours.
        closed_day = closed.astype("datetime64[s]").astype("datetime64[D]")
        working_day = np.busday_offset(closed_day, 0, roll="backward")
        closed_day = np.where(rng.random(count) < 0.8, working_day, closed_day)
        closed = closed_day.astype("datetime64[s]").astype(np.int64) + rng.integers(8 * HOUR + 1800, 18 * HOUR, count)
        closed = np.maximum(closed, signed + rng.integers(1800, 6 * HOUR, count))
        if self.all_closed:
            left = NOW - received
            signed = np.where(closed > NOW, received + (left * rng.uniform(0.05, 0.4, count)).astype(np.int64), signed)
            closed = np.where(
                closed > NOW, signed + ((NOW - signed) * rng.uniform(0.2, 1, count)).astype(np.int64), closed
            )
        return signed, due, closed

    def _raise_again(self, count: int) -> None:
        """Add cases that repeat closed ones, some of them within a week of closing: as many as asked, if there are."""
        rng = self.rng
        first = len(self.closed)
        within_a_week = rng.random(first) < self.place.false_closed / (self.place.false_closed + 0.026)
        wait = np.where(within_a_week, rng.uniform(0.3, 6, first), 7.5 + rng.exponential(25, first)) * DAY
        hour = draw(rng, np.array(_ROUND_THE_CLOCK), first)
        received = (self.closed + wait.astype(np.int64)) // DAY * DAY + hour * HOUR + rng.integers(0, HOUR, first)
        able = np.flatnonzero((received > self.closed) & (received <= NOW))
        source = rng.permutation(able)[:count]
        count, received = len(source), received[source]
        signed, due, closed = self._handled(self.leaf[source], received)
        added = {
            "leaf": self.leaf[source],
            "village": self.village[source],
            "variant": self.variant[source],
            "who": self.who[source],
            "channel": draw(rng, np.array((70, 2, 8, 8, 12)), count),
            "received": received,
            "signed": signed,
            "due": due,
            "closed": closed,
            "repeats": source,
        }
        for name, values in added.items():
            setattr(self, name, np.concatenate((getattr(self, name), values)))

    def _answer(self, satisfied_percent: float | None) -> None:
        """Invalid cases, replies and callbacks."""
        rng, place, count = self.rng, self.place, len(self.received)
        repeated = np.zeros(count, dtype=bool)
        repeated[self.repeats[self.repeats >= 0]] = True
        self.invalid = np.where(
            (rng.random(count) < 0.011) & ~repeated & (self.repeats < 0), rng.integers(0, len(_INVALID), count), -1
        )
        valid = self.invalid < 0
        self.signed = np.where(self.signed <= NOW, self.signed, NEVER)
        self.is_closed = (self.closed <= NOW) & valid
        before_closing = (rng.exponential(8, count) * HOUR).astype(np.int64)
        replied = np.maximum(self.closed - before_closing, self.signed + 600)
        self.replied = np.where(
            (replied <= NOW) & valid & (self.signed != NEVER), np.minimum(replied, self.closed), NEVER
        )
        on_time = self.closed <= self.due
        month = month_index(self.closed)
        share = place.satisfied + place.month_shift(0.13) + rng.normal(0, 0.008, len(MONTHS))
        if place.character == "slump":
            share[[MONTHS.index("2023-05"), MONTHS.index("2023-06")]] -= (0.12, 0.15)
            share[MONTHS.index("2023-07")] -= 0.03
        self.is_satisfied = rng.random(count) < np.minimum(share, 0.985)[month] + np.where(on_time, 0.006, -0.14)
        self.is_resolved = rng.random(count) < np.where(self.is_satisfied, 0.98, 0.35)
        # The callback comes some days after closing; who signs promptly also calls back, 74 to 90 % of the cases.
        days_ago = np.maximum(NOW - self.closed, 0) / DAY
        reach = 0.74 + 0.16 * (place.signed - 0.94) / 0.035
        self.called = self.is_closed & (rng.random(count) < reach * (1 - np.exp(-days_ago / 1.5)))
        self.asked_resolved = self.called & (rng.random(count) < 0.96)
        self.asked_satisfied = self.called & (rng.random(count) < 0.97)
        if satisfied_percent is not None:
            self._match(satisfied_percent)

    def _match(self, satisfied_percent: float) -> None:
        """Turn as few answers as it takes for the printed rate."""
        asked = np.flatnonzero(self.asked_satisfied & (self.closed >= MONTH_STARTS[FIRST_PRINTED]))
        surplus = int(self.is_satisfied[asked].sum()) - round(len(asked) * satisfied_percent / 100)
        turned = self.rng.permutation(asked[self.is_satisfied[asked] == (surplus > 0)])[: abs(surplus)]
        self.is_satisfied[turned] = surplus < 0
        self.is_resolved[turned] = surplus < 0

    def columns(self, grids: Columns) -> Columns:
        """The cases as columns of the petition table."""
        rng, place, types, count = self.rng, self.place, self.types, len(self.received)
        leaf, nobody = self.leaf, objects([None])
        place_names = objects([*place.places, place.name])
        villages = objects([*(code for code, _ in place.villages), None])
        case_no = self._case_numbers()
        follow = rng.integers(0, len(_FOLLOWS), count)
        titles, texts = [], []
        for kind, where, variant, channel, then, repeats in zip(
            leaf.tolist(),
            place_names[self.village],
            self.variant.tolist(),
            self.channel.tolist(),
            follow.tolist(),
            self.repeats.tolist(),
            strict=True,
        ):
            titles.append(where + types.titles[kind][variant])
            texts.append(
                f"{_OPENINGS[channel].format(where)}{types.details[kind][variant]}。"
                f"{_REPEAT_FOLLOW if repeats >= 0 else _FOLLOWS[then]}{types.requests[kind]}。"
            )
        department = [
            choices[0] if chance < 0.75 else choices[-1]
            for choices, chance in zip(types.departments[leaf], rng.random(count).tolist(), strict=True)
        ]
        # Grid workers and higher authorities hand cases in without a petitioner.
        named = ~np.isin(self.channel, (_FROM_GRID, _ASSIGNED)) & (self.who % 25 > 0)
        return {
            "township_code": [place.code] * count,
            "case_no": case_no,
            "channel": objects(_CHANNELS)[self.channel].tolist(),
            "category_1": types.categories[0][leaf].tolist(),
            "category_2": types.categories[1][leaf].tolist(),
            "category_3": types.categories[2][leaf].tolist(),
            "title": titles,
            "text": texts,
            "petitioner": [
                _person(who) if given else None for who, given in zip(self.who.tolist(), named, strict=True)
            ],
            # No telephone number begins with 000: these can belong to nobody.
            "phone": [
                f"000{who % 10**8:08d}" if given else None for who, given in zip(self.who.tolist(), named, strict=True)
            ],
            "village_code": villages[self.village].tolist(),
            "grid_code": self._grids(grids),
            "received_at": times(self.received),
            "signed_at": times(self.signed),
            "due_at": times(self.due),
            "replied_at": times(self.replied),
            "closed_at": times(np.where(self.is_closed, self.closed, NEVER)),
            "department": department,
            "status": self._status(),
            "called_back": np.where(self.is_closed, self.called.astype(object), nobody).tolist(),
            "resolved": np.where(self.asked_resolved, self.is_resolved.astype(object), nobody).tolist(),
            "satisfied": np.where(self.asked_satisfied, self.is_satisfied.astype(object), nobody).tolist(),
            "repeat_of": [case_no[index] if index >= 0 else None for index in self.repeats.tolist()],
            "invalid_reason": objects([*_INVALID, None])[self.invalid].tolist(),
        }

    def _case_numbers(self) -> list[str]:
        """Date, township and a number that begins anew each day: SQ202308010030012."""
        day = self.received // DAY
        first_of_day = np.searchsorted(day, day, side="left")
        dates = np.datetime_as_string(day.astype("datetime64[D]"))
        numbers = (np.arange(len(day)) - first_of_day + 1).tolist()
        names = {text: "SQ" + text.replace("-", "") + self.place.code[-3:] for text in np.unique(dates).tolist()}
        return [f"{names[date]}{number:04d}" for date, number in zip(dates.tolist(), numbers, strict=True)]

    def _grids(self, grids: Columns) -> list[str | None]:
        """A grid of the case's village, for what the grids raised and some of the rest."""
        by_village: dict[str, list[str]] = {}
        for grid, village, kind in zip(grids["grid_code"], grids["village_code"], grids["kind"], strict=True):
            if kind == GRID:
                by_village.setdefault(village, []).append(grid)
        choices = [by_village.get(code) for code, _ in self.place.villages]
        count = len(self.received)
        wanted = (self.village >= 0) & ((self.channel == _FROM_GRID) | (self.rng.random(count) < 0.25))
        return [
            found[pick % len(found)] if given and (found := choices[village]) else None
            for given, village, pick in zip(
                wanted.tolist(), self.village.tolist(), self.rng.integers(0, 10**6, count).tolist(), strict=True
            )
        ]

    def _status(self) -> list[str]:
        status = np.select(
            [self.invalid >= 0, self.is_closed, self.signed == NEVER, self.replied != NEVER],
            ["已作废", "已办结", "待签收", "已答复"],
            "办理中",
        )
        names: list[str] = status.tolist()
        return names


def _person(number: int) -> str:
    surname = _SURNAMES[number % len(_SURNAMES)]
    number //= len(_SURNAMES)
    given = _GIVEN[number % len(_GIVEN)]
    number //= len(_GIVEN)
    return surname + given + (_GIVEN[number // 3 % len(_GIVEN)] if number % 3 else "")
