"""The sentences that the search box is judged by ask only for what the sample county has, and are judged fairly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, select

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.tables import petition
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.finding import cases_numbered, findable_values
from data_access.queries import County
from tests.sentences import DEFAULTS, Reading, Sentence, address_of, judged, sentences
from ui.asking.address import FILTERS, default_period, in_county, read
from ui.explore.choice import choice_from

SENTENCES = sentences()
# What a sentence asks for that an address of 自由筛选 cannot say
SAID_BY_NO_ADDRESS = {"order": {"high", "low"}, "list": {"yes"}}
# Values that the data need not hold: of the calendar, or one of a few fixed answers
FIXED = {code for code, dimension in DIMENSIONS.items() if dimension.kind in ("time", "answer")}


@pytest.fixture(scope="module")
def connection(sample_engine: Engine) -> Iterator[Connection]:
    with sample_engine.connect() as connected:
        yield connected


@pytest.fixture(scope="module")
def county(sample_engine: Engine) -> County:
    return queries.county(sample_engine, UNRESTRICTED)


def addresses(sentence: Sentence) -> list[dict[str, list[str]]]:
    return [address_of(query) for query in (*sentence.asks, *sentence.readings, *sentence.understood)]


def test_there_are_three_hundred_sentences_each_once_and_each_with_an_answer() -> None:
    assert len({one.typed for one in SENTENCES}) == len(SENTENCES) == 300
    assert all(one.asks or one.readings or one.not_understood or one.case for one in SENTENCES)


def test_words_not_understood_stand_in_their_sentence() -> None:
    assert [one.typed for one in SENTENCES if not all(words in one.typed for words in one.not_understood)] == []


def test_addresses_ask_for_what_the_county_has(connection: Connection, county: County) -> None:
    values = {(one.kind, one.value) for one in findable_values(connection, UNRESTRICTED)}
    titles = "\n".join(filter(None, connection.scalars(select(petition.c.title).distinct())))
    faults = []
    for sentence in SENTENCES:
        for given in addresses(sentence):
            choice, lost = choice_from(given, county)
            filters, unreadable = read(FILTERS, given)
            _, unknown = in_county(filters, county)
            absent = [
                f"{name}:{value}"
                for name, told in choice.where
                for value in told
                if name not in FIXED and (name, value) not in values
            ]
            said = [name for name, allowed in SAID_BY_NO_ADDRESS.items() if not {*given.get(name, ())} <= allowed]
            missing = [choice.text] if choice.text not in titles else []
            faults += [(sentence.typed, fault) for fault in (*lost, *unreadable, *unknown, *absent, *said, *missing)]
    assert faults == []


def test_cases_are_there(connection: Connection) -> None:
    for sentence in SENTENCES:
        if sentence.case:
            township_code, _, case_no = sentence.case.partition("/")
            found = [one[:2] for one in cases_numbered(connection, (UNRESTRICTED, case_no))]
            assert found == [(township_code, case_no)]


def test_what_an_address_means_by_default_is_what_pages_show_by_default(county: County) -> None:
    assert default_period(county) == (DEFAULTS["from"], DEFAULTS["to"])
    choice, _ = choice_from({}, county)
    assert choice.count == (DEFAULTS["count"],)
    assert (str(choice.top), choice.look) == (DEFAULTS["top"], DEFAULTS["look"])
    assert read(FILTERS, {})[0]["compare"] == DEFAULTS["compare"]


DASHU = Sentence("大束镇今年受理量", asks=("street=大束镇&from=2023-01&to=2023-08",), also="list=yes")
RED_STAR = Sentence("红星", readings=("is=village_code:370883001230", "is=village_code:370883110228"))
THIRTY_DAYS = Sentence("近30天 大束镇", asks=("street=大束镇",), not_understood=("近30天",))
CASE = Sentence("SQ1", case="370883001/SQ1")


@pytest.mark.parametrize(
    ("sentence", "reading", "verdict"),
    [
        (DASHU, Reading(address_of("street=大束镇")), "right"),
        (DASHU, Reading(address_of("is=township_code:370883103&rows=received&count=received&lang=en")), "right"),
        (DASHU, Reading(address_of("street=大束镇&by=month")), "wrong"),
        (DASHU, Reading(address_of("count=received&count=closed&street=大束镇")), "wrong"),
        (DASHU, Reading(address_of(""), not_understood=("大束镇",)), "refused"),
        (DASHU, Reading(address_of("street=唐村镇"), not_understood=("今年",)), "wrong"),
        (DASHU, Reading(address_of("street=唐村镇"), readings=(address_of("street=大束镇"),)), "refused"),
        (DASHU, Reading(case="370883103/SQ1"), "wrong"),
        (DASHU, Reading(), "refused"),
        (RED_STAR, Reading(readings=(address_of(RED_STAR.readings[1]), address_of(RED_STAR.readings[0]))), "right"),
        (RED_STAR, Reading(address_of(RED_STAR.readings[0])), "wrong"),
        (THIRTY_DAYS, Reading(address_of("street=大束镇"), not_understood=("近30天",)), "right"),
        (THIRTY_DAYS, Reading(None, not_understood=("近30天",)), "right"),
        (THIRTY_DAYS, Reading(address_of("street=大束镇")), "wrong"),
        (THIRTY_DAYS, Reading(address_of("street=唐村镇"), not_understood=("近30天",)), "wrong"),
        (CASE, Reading(case="370883001/SQ1"), "right"),
        (CASE, Reading(address_of("text=SQ1")), "wrong"),
        (CASE, Reading(None, not_understood=("SQ1",)), "refused"),
    ],
)
def test_a_reading_is_right_or_honest_or_wrong(sentence: Sentence, reading: Reading, verdict: str) -> None:
    assert judged(sentence, reading) == verdict


def test_a_village_is_in_its_own_township() -> None:
    village = Sentence("", asks=("is=village_code:370883103214",))
    assert judged(village, Reading(address_of("street=大束镇&is=village_code:370883103214"))) == "right"
    assert judged(village, Reading(address_of("street=唐村镇&is=village_code:370883103214"))) == "wrong"
