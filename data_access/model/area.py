"""What an area of work is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_access.model.list_column import ListColumn


@dataclass(frozen=True)
class ScreenView:
    """An area on the meeting-room screen: its figures, the indicator that ranks, and a count split by a dimension."""

    headlines: tuple[str, ...]
    ranked: str
    # Areas whose matters to decide stand above; "unreported": who did not report
    decisions: tuple[str, ...]
    split: tuple[str, str] | None = None
    split_zh: str = ""
    split_en: str = ""


@dataclass(frozen=True)
class Area:
    """One area. ``page`` is its script and address, ``icon`` a Material symbol, the others codes of indicators.

    ``source``: the family of rollup tables that it is counted in. ``headlines``: the cards of its page. ``volume``: what
    a township has only if it reported. ``reported_by``: by these it has reported a month, whatever is evaluated (what
    falls due in a month may be of earlier ones). ``key_figures``: by which a person sees whether a load makes sense.
    ``attention``: what of it asks for a decision, with the address of the rows. ``columns``: of lists of its rows. ``counts_people``: a small count of it
    could tell who is meant.
    """

    code: str
    zh: str
    en: str
    page: str
    icon: str
    source: str
    headlines: tuple[str, ...] = ()
    volume: str | None = None
    reported_by: tuple[str, ...] = ()
    key_figures: tuple[str, ...] = ()
    attention: str | None = None
    attention_address: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ListColumn, ...] = ()
    screen: ScreenView | None = None
    counts_people: bool = False
    # What the area is about, in words of both languages with 、 between them, by the indicator that counts it
    nouns: Mapping[str, str] = field(default_factory=dict)
    # The same, of words that mean it only where a noun of the first headline stands in the sentence, else they say nothing
    nouns_beside: Mapping[str, str] = field(default_factory=dict)
