"""What typed sentences are understood as: three hundred written beforehand, words of time, what is never guessed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pandas as pd
import pytest
from sqlalchemy import Engine, select
from starlette.datastructures import QueryParams

from data_access import cache, queries
from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.tables import petition
from data_access.exploring.finding import Findable, cases_numbered, findable_values
from data_access.exploring.sentence.meaning import Reading
from data_access.exploring.sentence.periods import Against, Calendar, Months, Untold, YearBefore, number, times_at
from data_access.exploring.sentence.reading import understood
from data_access.exploring.sentence.tokens import tokens_of
from data_access.exploring.sentence.vocabulary import Vocabulary, spoken, vocabulary
from data_access.indicators import INDICATORS
from data_access.queries import County
from tests import sentences
from tests.sentences import Verdict, judged
from ui.asking.view import View
from ui.explore.answer import Answer, Standings, standings
from ui.explore.asked import case_asked, parameters_asked, sentence_read
from ui.explore.choice import Choice
from ui.explore.figures import ordered_words
from ui.explore.matches import matches
from ui.screen.asked import asked_on_screen
from ui.screen.drawings import group_drawing
from ui.text import spelled, written_in

CALENDAR = Calendar(
    tuple(f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13))[:20], ("2023-01", "2023-08")
)


@pytest.fixture(autouse=True)
def url(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    return sample_url


@pytest.fixture
def county(url: str) -> County:
    return cache.county(UNRESTRICTED)


@pytest.fixture(scope="module")
def words(sample_engine: Engine) -> Vocabulary:
    county = queries.county(sample_engine, UNRESTRICTED)
    with sample_engine.connect() as connection:
        return vocabulary(findable_values(connection, UNRESTRICTED), spoken(connection, UNRESTRICTED), county)


# --- The sentences ----------------------------------------------------------------------------------


def read_as(typed: str, county: County) -> sentences.Reading:
    """What the box shows of a sentence: one question, several to choose from, a case; and what was not understood."""
    readings = sentence_read(typed, county, UNRESTRICTED).readings
    if not readings:
        return sentences.Reading(not_understood=(typed,))
    if case_no := case_asked(readings[0]):
        ((township_code, own, _),) = cache.fresh_part(cases_numbered, (UNRESTRICTED, case_no))
        return sentences.Reading(case=f"{township_code}/{own}")
    asked = [parameters_asked(one, county) for one in readings]
    left = tuple(one.words for one in readings[0].left)
    return sentences.Reading(asked[0], (), left) if len(asked) == 1 else sentences.Reading(None, tuple(asked), left)


def test_three_hundred_sentences_are_understood_or_honestly_refused(county: County) -> None:
    verdicts = {one.typed: judged(one, read_as(one.typed, county)) for one in sentences.sentences()}
    count: Counter[Verdict] = Counter(verdicts.values())
    assert [typed for typed, verdict in verdicts.items() if verdict == "wrong"] == []
    assert count["right"] >= 0.95 * len(verdicts)


# --- Time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("本月", Months("2023-08", "2023-08")),
        ("上个月", Months("2023-07", "2023-07")),
        ("三月份", Months("2023-03", "2023-03")),
        ("11月", Months("2022-11", "2022-11")),
        ("去年3月", Months("2022-03", "2022-03")),
        ("2023年3月到5月", Months("2023-03", "2023-05")),
        ("2022年11月到2023年2月", Months("2022-11", "2023-02")),
        ("3-5月", Months("2023-03", "2023-05")),
        ("11月到2月", Months("2022-11", "2023-02")),
        ("去年10月到12月", Months("2022-10", "2022-12")),
        ("3月以来", Months("2023-03", "2023-08")),
        ("从5月到现在", Months("2023-05", "2023-08")),
        ("今年前三个月", Months("2023-01", "2023-03")),
        ("六七月份", Months("2023-06", "2023-07")),
        ("3、4月", Months("2023-03", "2023-04")),
        ("截至6月底", Months("2023-01", "2023-06")),
        ("since last march", Months("2022-03", "2023-08")),
        ("until may", Months("2023-01", "2023-05")),
        ("头三个月", Months("2023-01", "2023-03")),
        ("3个月内", Months("2023-06", "2023-08")),
        ("今年以来", Months("2023-01", "2023-08")),
        ("去年", Months("2022-01", "2022-12")),
        ("二季度", Months("2023-04", "2023-06")),
        ("第四季度", Months("2022-10", "2022-12")),
        ("上季度", Months("2023-04", "2023-06")),
        ("去年下半年", Months("2022-07", "2022-12")),
        ("近三个月", Months("2023-06", "2023-08")),
        ("近一年", Months("2022-09", "2023-08")),
        ("2023-04", Months("2023-04", "2023-04")),
        ("since march", Months("2023-03", "2023-08")),
        ("march to may 2022", Months("2022-03", "2022-05")),
        ("q2 2022", Months("2022-04", "2022-06")),
        ("last three months", Months("2023-06", "2023-08")),
        ("去年同期", YearBefore()),
        ("比去年同期", Against("year")),
        ("同比", Against("year")),
        ("比上月", Against("previous", 1)),
        ("环比", Against("previous")),
        ("vs last year", Against("year")),
        ("不对比", Against("none")),
    ],
)
def test_words_of_time(typed: str, meant: object) -> None:
    assert (len(typed), meant) in list(times_at(typed, 0, CALENDAR))


@pytest.mark.parametrize(
    "typed",
    ["近30天", "昨天", "上周", "8月12日", "2019年", "2023年9月", "下个月", "近几个月", "yesterday", "last 30 days"],
)
def test_what_months_cannot_say_has_a_reason(typed: str) -> None:
    longest = max(times_at(typed, 0, CALENDAR), key=lambda one: one[0])
    assert longest[0] == len(typed)
    assert isinstance(longest[1], Untold)
    assert all(longest[1].why)


def test_months_that_there_are_not_mean_nothing() -> None:
    assert list(times_at("13月", 0, CALENDAR)) == []
    assert [number(word) for word in ("十", "十二", "二十", "两", "ten", "7")] == [10, 12, 20, 2, 10, 7]


# --- Never silently ---------------------------------------------------------------------------------


def one_reading(typed: str, words: Vocabulary) -> Reading:
    (reading,) = understood(typed, words).readings
    return reading


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("大朿镇 投诉", ["大朿镇"]),
        ("除大束镇以外的受理量", ["除大束镇以外"]),
        ("非12345渠道的受理量", ["非12345渠道"]),
        ("满意率低于80%的镇街", ["低于80%"]),
        ("张小三的工单", ["张小三"]),
        ("不满意率最高的镇街", ["不满意率"]),
        ("cases except Dashu", ["except Dashu"]),
        ("近30天 受理量", ["近30天"]),
        ("大朿街道 投诉", ["大朿街道"]),
        ("超期率最高的镇", ["超期率"]),
        ("响应最快的镇街", ["响应最快"]),
        ("签收最慢的镇", ["签收最慢"]),
        ("满意率最低的咕噜", ["最低", "咕噜"]),
        ("lowest satisfaction rate by blurg", ["lowest", "blurg"]),
        ("投资最多的项目", ["投资", "最多"]),
        ("投诉最多的项目", ["投诉", "最多"]),
        ("平均投诉量", ["平均"]),
        ("人均受理量", ["人均"]),
        ("每个网格员上报多少事件", ["每个网格员"]),
        ("投诉率最高的镇", ["投诉率"]),
        ("束镇投诉", ["束镇"]),
        ("第三个月受理量", ["第三个月"]),
        ("近两三个月投诉", ["近两三个月"]),
        ("两三个镇投诉多", ["两三个"]),
        ("8月上旬投诉", ["8月上旬"]),
        ("满意率同比下降的镇街", ["下降的"]),
        ("complaints that increased in dashu", ["increased"]),
        ("某三个月受理量", ["某三个月"]),
        ("满意率前10%的镇", ["前10%"]),
        ("complaints outside dashu", ["outside dashu"]),
        ("complaints before may", ["before may"]),
        ("满意律最低的镇", ["满意律"]),
        ("大束镇按其办结率", ["其办结率"]),
        ("哪天投诉最多", ["哪天", "最多"]),
        ("哪个项目进度最慢", ["最慢"]),
        ("投资完成率低于计划的镇", ["低于计划"]),
        ("办理时长中位数", ["中位数"]),
        ("overdue rate by township", ["overdue rate"]),
        ("太平酒厂的投诉", ["太平酒厂"]),
        ("按季度受理量", ["按季度"]),
        ("第二周受理量", ["第二周"]),
    ],
)
def test_what_is_not_understood_stands_there_whole(typed: str, left: list[str], words: Vocabulary) -> None:
    assert [one.words for one in one_reading(typed, words).left] == left


@pytest.mark.parametrize(
    "typed",
    [
        "滞后的咕噜",
        "摄像头咕噜",
        "队伍总时长",
        "掉线率",
        "监控咕噜率最低的镇",
        "枪机咕噜",
        "超期天数",
        "没有志愿队的村",
        "网格员咕噜率",
        "隐患咕噜率",
        "大束咕噜投诉",
    ],
)
def test_what_is_counted_is_never_taken_from_what_stands_beside_it(typed: str, words: Vocabulary) -> None:
    assert understood(typed, words).readings == ()


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        # A village that is not known, whatever its first characters are
        ("李家铺村 垃圾清运", ["李家铺村"]),
        ("王二庄村的投诉", ["王二庄村"]),
        # How many days, or how much
        ("超期三十天以上的", ["三十天以上"]),
        ("3个月以上没开工的项目", ["3个月以上没开工"]),
        ("满意率前一成的镇", ["前一成"]),
        # One of two unlike things; all of several like ones; more than another
        ("大束镇或者路灯不亮", ["或者"]),
        ("同时是路灯不亮和井盖破损", ["同时"]),
        ("比大束镇满意率高的镇街", ["比大束镇", "高"]),
        ("不是12345来的投诉", ["不是12345"]),
        ("比去年多的镇", ["比去年多的"]),
        ("most improved township", ["most improved"]),
        # What is not told of each, nor of one alone
        ("每个部门最多的投诉类别", ["最多"]),
        ("大束镇满意率排名", ["排名"]),
        ("大束镇在全县排多少名", ["全县排多少名"]),
        ("大束镇投诉多少，其中超期多少", ["其中"]),
        ("孟庄社区连续三个月投诉", ["连续三个月"]),
        # Days, seasons and hours that have no number
        ("上周五的投诉", ["上周五"]),
        ("5月前的投诉", ["5月前"]),
        ("大束镇春节期间投诉", ["春节"]),
        ("夜里施工噪声", ["夜里"]),
        ("大束镇8月投诉多少，7月呢", ["7月"]),
        # Whose, and by what
        ("我们镇投诉多少", ["我们镇"]),
        ("投诉分布", ["分布"]),
        # How many there are; numbers of what only rates tell
        ("大束镇有多少村", ["村"]),
        ("回访件数", ["回访"]),
        ("老旧小区改造的投诉", ["老旧小区", "改造"]),
        ("电话投诉多少", ["电话"]),
        ("开工率不到一半的镇", ["不到一半"]),
        ("赵家社区的投诉", ["赵家社区"]),
        ("中店镇 受理量", ["中店镇"]),
        # Both ends of a ranking; who holds an office
        ("满意率前三后三", ["后三"]),
        ("大束镇的书记是谁", ["书记", "是谁"]),
        ("投诉最多的是谁", ["最多", "是谁"]),
        ("8月不满意的都有谁家的", ["都有谁家的"]),
        # Measures of something else
        ("在线的摄像头有几个", ["在线"]),
        ("多少人投诉路灯不亮", ["多少人"]),
        ("办结了没有回访的", ["没有回访"]),
        ("late June complaints", ["late June"]),
        ("满意的项目", ["满意"]),
        ("作废的投诉有多少", ["作废"]),
        ("满意率差距最大的两个镇", ["差距最大", "两个"]),
        ("每个镇最集中的问题", ["最集中"]),
        ("上饶市受理量", ["上饶市"]),
        ("城前镇施工扬尘", ["施工", "扬尘"]),
        ("去年底受理量", ["去年底"]),
        ("修好了几个摄像头", ["修好"]),
        ("大束镇签收了多少件", ["签收了多少件"]),
        ("大束镇老投诉的是哪些人", ["是哪些人"]),
        ("各镇和各街道投诉", ["街道"]),
        ("上半年和下半年的投诉", ["下半年"]),
        ("大束镇比太平镇好吗", ["好吗"]),
    ],
)
def test_conditions_that_cannot_be_asked_are_told(typed: str, left: list[str], words: Vocabulary) -> None:
    assert [one.words for one in one_reading(typed, words).left] == left


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("各街道投诉多少", ("township_code",)),
        ("每个街道的满意率", ("township_code",)),
        ("三个街道各多少件", ("township_code",)),
        ("satisfaction in each 街道", ("township_code",)),
        ("街道投诉多少", ()),
        ("街道每月投诉", ("month",)),
        ("街道每天多少件", ()),
    ],
)
def test_each_of_a_kind_is_told_apart(typed: str, by: tuple[str, ...], words: Vocabulary) -> None:
    asked = one_reading(typed, words)
    assert (asked.by, asked.where) == (by, (("league", ("街道",)),))


@pytest.mark.parametrize(
    "typed",
    [
        "总投资 各镇",
        "各镇投资多少钱",
        "摄像头的满意率",
        "项目满意率 各镇",
        "平均多久签收",
        "李秀英的工单进展",
        "大束镇人口",
        "解决了多少",
        "有几个镇",
        "大束有几家企业",
        "看庄镇路登故障",
        "谁反映最多",
        "教育收费",
        "得分最高的镇",
        "哪个镇扣分最多",
    ],
)
def test_what_no_indicator_counts_is_never_another_one(typed: str, words: Vocabulary) -> None:
    assert understood(typed, words).readings == ()


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("信访量 各镇街", {"channel": ("信访",)}),
        ("没有按时办的投诉", {"timeliness": ("late", "overdue")}),
        ("没超期的投诉", {"timeliness": ("on_time", "pending")}),
        ("屋顶漏水 有没有超期的", {"category_3": ("屋顶漏水",), "timeliness": ("overdue",)}),
        ("不是重复的诉求", {"is_repeat": ("no",)}),
        ("既超期又不满意的", {"timeliness": ("overdue",), "satisfaction": ("no",)}),
        ("按期办结或者未到期的诉求", {"timeliness": ("on_time", "pending")}),
        ("路灯不亮或者井盖破损", {"category_3": ("路灯不亮", "井盖破损")}),
        ("cases not closed yet", {"timeliness": ("overdue", "pending")}),
        ("消防大队的投诉", {"department": ("市消防救援大队",)}),
        ("环卫中心的投诉", {"department": ("市环卫服务中心",)}),
        ("市场监管局的投诉", {"department": ("市市场监督管理局",)}),
        ("邹城市住建局的投诉", {"department": ("市住房和城乡建设局",)}),
        ("水务局停水", {"department": ("市水务局",), "category_3": ("停水水压低",)}),
        ("应急办的投诉", {"department": ("应急管理办公室",)}),
        ("农业农村局负责的项目", {"responsible": ("市农业农村局",)}),
        ("路灯坏了", {"category_3": ("路灯不亮",)}),
        ("路灯不亮超期了没有", {"category_3": ("路灯不亮",), "timeliness": ("overdue",)}),
        ("late cases", {"timeliness": ("late", "overdue")}),
        ("12345转来的停水", {"channel": ("12345热线",), "category_3": ("停水水压低",)}),
        ("住建局手上还压着几件", {"department": ("市住房和城乡建设局",), "timeliness": ("overdue", "pending")}),
        ("已经答复的", {"status": ("已答复",)}),
        ("top 5 villages by repeat complaints", {"is_repeat": ("yes",)}),
        ("预算超了的项目", {"over_budget": ("yes",)}),
        ("污水直排，按村看", {"category_3": ("污水直排",)}),
    ],
)
def test_conditions(typed: str, where: dict[str, tuple[str, ...]], words: Vocabulary) -> None:
    reading = one_reading(typed, words)
    assert (dict(reading.where), reading.left) == (where, ())


@pytest.mark.parametrize(
    ("typed", "count", "by", "order"),
    [
        ("大束和中心店哪个满意率高", "satisfaction_rate", "township_code", "high"),
        ("大束和中心店谁办得快", "handling_days", "township_code", "low"),
        ("大束比中心店办得快吗", "handling_days", "township_code", "low"),
        ("大束比中心店慢多少", "handling_days", "township_code", "high"),
        ("住建局和交通局哪个满意度差", "satisfaction_rate", "department", "low"),
        ("路灯不亮和井盖破损哪个多", "received", "category_3", "high"),
        ("枪机和球机哪种在线率高", "online_rate", "camera_kind", "high"),
        ("which of Dashu and Tangcun has more complaints", "received", "township_code", "high"),
        ("which township closes fastest", "handling_days", "township_code", "low"),
        ("投诉办得最慢的镇", "handling_days", "township_code", "high"),
        ("重复投诉前十村", "received", "village_code", "high"),
        ("枪机和高空瞭望哪种坏得多", "outages", "camera_kind", "high"),
        ("大束镇最集中的问题", "received", "category_1", "high"),
        ("老百姓反映最多的是什么", "received", "category_1", "high"),
        ("修理最慢的镇", "repair_hours", "township_code", "high"),
        ("摄像头坏了最多的镇", "outages", "township_code", "high"),
        ("top 5 villages by complaints", "received", "village_code", "high"),
        ("抢修最快的镇", "repair_hours", "township_code", "low"),
        ("上报最多的网格", "grid_events", "grid_code", "high"),
        ("满意度最差的部门", "satisfaction_rate", "department", "low"),
        ("哪支队伍活动最多", "activities", "team", "high"),
        ("几月份投诉最多", "received", "month", "high"),
        ("进度最慢的镇", "progress", "township_code", "low"),
        ("路灯不亮最严重的镇", "received", "township_code", "high"),
        ("worst satisfaction first", "satisfaction_rate", "township_code", "low"),
        ("three worst townships for closing on time", "on_time_rate", "township_code", "low"),
        ("哪个村反映得最多", "received", "village_code", "high"),
    ],
)
def test_what_is_ranked_is_what_the_words_before_it_name(
    typed: str, count: str, by: str, order: str, words: Vocabulary
) -> None:
    reading = one_reading(typed, words)
    assert (reading.count, reading.by, reading.order, reading.left) == ((count,), (by,), order, ())


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("网格办结率", "grid_completion_rate"),
        ("事件按期率", "grid_on_time_rate"),
        ("服务总时长", "service_hours"),
        ("走访了多少家企业", "companies_visited"),
        ("供暖平均几天", "handling_days"),
        ("平均多少天办完", "handling_days"),
        ("average days to close", "handling_days"),
        ("complaints per 10,000 residents", "cases_per_10k"),
        ("视频监控在线率", "online_rate"),
        ("摄像头修好平均要几个小时", "repair_hours"),
        ("志愿服务多少小时", "service_hours"),
        ("离线24小时以上的监控", "offline_24h"),
        ("average hours to fix a camera", "repair_hours"),
        ("cameras offline over 24 hours", "offline_24h"),
        ("how long does it take to close a case", "handling_days"),
        ("秸秆禁烧办结率", "grid_completion_rate"),
        ("大束镇回访了没有", "callback_rate"),
        ("路灯不亮办完了没有", "completion_rate"),
        ("摄像头故障原因", "outages"),
        ("哪些摄像头掉线超过一天了", "offline_24h"),
        ("how many cameras are down in Shiqiang", "offline_24h"),
        ("今年一场活动都没搞的志愿队", "quiet_teams"),
        ("没搞过活动的志愿队伍有哪些", "quiet_teams"),
        ("volunteer activities held in July", "activities"),
        ("mean progress of projects", "progress"),
        ("grid events reported this quarter", "grid_events"),
    ],
)
def test_names_in_other_words(typed: str, count: str, words: Vocabulary) -> None:
    reading = one_reading(typed, words)
    assert (reading.count, reading.left) == ((count,), ())


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("投诉最多的镇满意率是多少", ("received", "satisfaction_rate")),
        ("满意率最低的镇的投诉", ("satisfaction_rate", "received")),
        ("满意率，投诉量最多的镇", ("received", "satisfaction_rate")),
        ("投诉多少件办结多少件", ("received", "closed")),
    ],
)
def test_what_is_ranked_by_is_counted_first(typed: str, count: tuple[str, ...], words: Vocabulary) -> None:
    reading = one_reading(typed, words)
    assert (reading.count, reading.left) == (count, ())


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("各类志愿队伍数量", ("team_kind",)),
        ("网格事件类型分布", ("event_kind",)),
        ("三级类别：井盖破损 趋势", ("month",)),
        ("残疾人补贴谁在办", ("department",)),
        ("谁负责的项目滞后最多", ("responsible",)),
        ("各类投诉", ("category_1",)),
        ("在线率趋势图", ("month",)),
        ("街道投诉比镇多吗", ("league",)),
        ("大束镇和唐村镇满意率差多少", ("township_code",)),
        ("摄像头故障原因", ("cause",)),
        ("grid events by kind", ("event_kind",)),
    ],
)
def test_what_it_is_told_apart_by(typed: str, by: tuple[str, ...], words: Vocabulary) -> None:
    reading = one_reading(typed, words)
    assert (reading.by, reading.left) == (by, ())


@pytest.mark.parametrize(
    ("typed", "months", "compare"),
    [
        ("去年和今年的受理量", ("2023-01", "2023-08"), "year"),
        ("去年6月和今年6月满意率", ("2023-06", "2023-06"), "year"),
        ("一季度和二季度满意率", ("2023-04", "2023-06"), "previous"),
        ("6月和7月满意率哪个高", ("2023-07", "2023-07"), "previous"),
        ("7月比去年7月多几件", ("2023-07", "2023-07"), "year"),
        ("6月比5月多多少件", ("2023-06", "2023-06"), "previous"),
        ("7月和8月路灯不亮", ("2023-07", "2023-08"), None),
        ("5、6、7三个月路灯不亮", ("2023-05", "2023-07"), None),
    ],
)
def test_two_periods_are_told_apart(
    typed: str, months: tuple[str, str], compare: str | None, words: Vocabulary
) -> None:
    reading = one_reading(typed, words)
    assert (reading.months, reading.compare, reading.left) == (months, compare, ())


@pytest.mark.parametrize(
    ("typed", "senses"),
    [
        ("安全隐患各村", {"event_kind", "category_3"}),
        ("安全隐患哪个村报得最多", {"event_kind", "category_3"}),
        ("网格上报的安全隐患", {"event_kind", "category_3"}),
        ("安全隐患哪个村咕噜最多", set()),
    ],
)
def test_a_name_is_not_taken_for_a_part_of_another_one_alone(typed: str, senses: set[str], words: Vocabulary) -> None:
    """An event's kind 安全隐患 is no 企业安全隐患 of cases; where both may be meant, both are offered."""
    found = {name for reading in understood(typed, words).readings for name, _ in reading.where}
    assert found & {"event_kind", "category_3"} == senses


def test_small_words_of_a_sentence(words: Vocabulary) -> None:
    assert one_reading("书记要石墙镇的投诉", words).left == ()
    assert one_reading("Dashu’s overdue cases", words).townships == ("370883103",)
    assert one_reading("残联的投诉", words).where == (("department", ("市残疾人联合会",)),)
    assert {one_reading(typed, words).by for typed in ("投诉按类型分", "都反映什么问题", "各类型投诉")} == {
        ("category_1",)
    }
    ranked = one_reading("满意率倒数第二的镇", words)
    assert (ranked.order, ranked.top) == ("low", 2)
    for typed in (
        "领导要一份大束镇投诉",
        "引发的大束镇投诉",
        "大束镇累计投诉",
        "麻烦问一下现在大束投诉啥情况",
        "大束镇投诉是多了还是少了",
        "钢山、千泉、凫山三个街道的投诉",
        "各镇街满意率从低到高排",
        "邹城市投诉",
        "邹城大束镇投诉",
    ):
        assert one_reading(typed, words).left == ()


def test_every_word_of_a_reading_tells_where_it_stands(words: Vocabulary) -> None:
    typed = "请问 ｄｓｚ ３月以来 路灯不亮 有几件？"
    reading = one_reading(typed, words)
    assert [typed[term.begin : term.end] for term in reading.terms] == [term.words for term in reading.terms]
    assert [term.words for term in reading.terms] == ["ｄｓｚ", "３月以来", "路灯不亮", "几件"]


def test_no_word_is_both_understood_and_left(words: Vocabulary) -> None:
    """A chip says what is asked: what is of no use stands beside the chips alone."""
    more = ("太平比北宿超期的多吗", "各镇街相比满意的", "满意率比大束高的镇")
    for typed in (*more, *(one.typed for one in sentences.sentences())):
        meant = understood(typed, words)
        for reading in (*meant.readings, *meant.others):
            taken = [range(term.begin, term.end) for term in reading.terms]
            left = {place for one in reading.left for place in range(one.begin, one.end)}
            assert not [one for one in taken if left.intersection(one)], typed


@pytest.mark.parametrize(
    ("typed", "senses"),
    [
        ("物业", 4),
        ("人居环境", 2),
        ("红星", 2),
        ("综合执法 满意率", 2),
        ("覆盖率", 2),
        ("安全隐患", 2),
        ("完成率", 3),
        ("矛盾最多的镇", 2),
        ("前三个月受理量", 2),
        ("什么时候投诉最多", 3),
    ],
)
def test_an_ambiguous_word_offers_its_senses(typed: str, senses: int, words: Vocabulary) -> None:
    assert len(understood(typed, words).readings) == senses


def test_signs_mean_nothing_and_break_nothing(words: Vocabulary) -> None:
    for typed in ("", " ", "%", "'; --", "\0", "。。。", "(((", "\\", "🏠", "a" * 500, "的" * 300):
        read = understood(typed, words)
        assert all(reading.terms for reading in read.readings)
    assert tokens_of("on-time ＳＱ１").plain == "on-time sq1"


def test_what_a_viewer_may_not_see_is_no_word_for_them(sample_engine: Engine) -> None:
    two = Viewer("two", townships=frozenset({"370883103"}), case_townships=frozenset({"370883103"}))
    own = cache.county(two)
    read = sentence_read("唐村镇 路灯不亮", own, two)
    assert [[one.words for one in reading.left] for reading in read.readings] == [["唐村镇"]]
    with sample_engine.connect() as connection:
        assert "唐村" not in spoken(connection, two).titles
        assert spoken(connection, Viewer("wall", rights=frozenset())).titles == ""


def test_what_is_added_is_understood_without_new_code(sample_engine: Engine, county: County) -> None:
    further = replace(
        INDICATORS["received"],
        code="visits",
        zh="走访户数",
        en="Households visited",
        words="入户数、households",
        by_hand=True,
    )
    more = replace(county, reported={**county.reported, "visits": further})
    with sample_engine.connect() as connection:
        values = (*findable_values(connection, UNRESTRICTED), Findable("channel", "市长信箱", "市长信箱"))
        words = vocabulary(values, spoken(connection, UNRESTRICTED), more)
    assert {one_reading(typed, words).count for typed in ("走访户数 镇街", "各镇入户数", "households by township")} == {
        ("visits",)
    }
    assert one_reading("市长信箱的投诉", words).where == (("channel", ("市长信箱",)),)
    assert one_reading("szxx 投诉", words).where == (("channel", ("市长信箱",)),)


# --- In the boxes -----------------------------------------------------------------------------------


def rows(typed: str, **given: str) -> list[dict[str, Any]]:
    return matches(QueryParams({"q": typed, **given}), UNRESTRICTED)["rows"]


def test_a_question_has_chips_its_way_and_what_was_not_understood() -> None:
    first = rows("近30天 大束镇 哪个村路灯不亮最多", box="everywhere")[0]
    assert [chip["words"] for chip in first["chips"]] == [
        "受理量",
        "大束镇",
        "按村（社区）",
        "三级类别：路灯不亮",
        "从高到低排",
    ]
    assert [one["words"] for one in first["left"]] == ["近30天"]
    assert "天" in first["left"][0]["why"]
    assert parse_qs(first["way"]["query"]) == {
        "street": ["大束镇"],
        "by": ["village_code"],
        "is": ["category_3:路灯不亮"],
        "order": ["high"],
    }
    two = rows("去年和今年的受理量", box="everywhere")[0]
    assert [chip["words"] for chip in two["chips"]] == ["与上年同期比", "2023年1月至8月", "受理量"]
    months = rows("6月和7月满意率哪个高", box="everywhere")[0]
    assert [chip["words"] for chip in months["chips"]] == ["与上一时段比", "2023年7月", "满意率"]
    kinds = rows("街道投诉比镇多吗", box="everywhere")[0]
    assert kinds["chips"][-1] == {"words": "按镇街类型"}
    english = rows("which township has the lowest satisfaction rate", box="everywhere", lang="en")[0]
    assert [chip["words"] for chip in english["chips"]] == ["by township", "lowest first", "Satisfied"]


def test_what_is_too_long_to_be_read_is_shown_with_the_reason() -> None:
    long = f"大束镇 路灯不亮{'，' * 112}7月的满意率是多少，各镇街呢"
    (cut,) = rows(long, box="everywhere")[0]["left"]
    assert cut == {"words": "7月的满意率是多少，各镇…", "why": "一句话最多读 120 个字，后面的没有读"}
    assert rows(long[:120], box="everywhere")[0]["left"] == []


def test_what_is_not_understood_at_all_is_told_where_its_words_are_looked_for() -> None:
    (row,) = rows("大束有几家企业", box="everywhere")
    assert (row["name"], row["within"]) == ("标题或名称含“大束有几家企业”", "没看懂，只能照原字找")


def test_nothing_is_taken_for_granted_where_several_are_meant() -> None:
    assert matches(QueryParams({"q": "物业 7月", "box": "everywhere"}), UNRESTRICTED)["choose"]
    assert not matches(QueryParams({"q": "路灯不亮 7月", "box": "everywhere"}), UNRESTRICTED)["choose"]


def test_one_word_is_added_to_the_question_that_is_there_and_a_sentence_is_one_of_its_own() -> None:
    village = rows("太平一村今年几件", box="everywhere")[0]
    assert [chip["words"] for chip in village["chips"] if "村" in chip["words"]] == ["太平一村村民委员会（太平镇）"]
    assert json.loads(rows("dsz")[0]["key"]) == ["township_code", "370883103"]
    assert rows("dsz 3月")[0]["way"] == {
        "path": "explore",
        "query": "street=%E5%A4%A7%E6%9D%9F%E9%95%87&from=2023-03&to=2023-03",
        "whole": True,
    }


def test_a_cases_number_in_a_sentence_leads_to_its_card() -> None:
    (found,) = rows("SQ202201010010001 办到哪了", box="everywhere")
    assert found["way"] == {"path": "petitions", "query": "tab=rows&case=370883001%2FSQ202201010010001"}


def test_who_may_not_look_for_words_is_not_offered_it() -> None:
    wall = Viewer("wall", rights=frozenset(), case_townships=frozenset())
    for box in ("everywhere", ""):
        found = matches(QueryParams({"q": "天气", "box": box}), wall)["rows"]
        assert not any("text" in json.dumps(row) for row in found)


# --- Lowest and highest -----------------------------------------------------------------------------


def answered(
    county: County, table: dict[str, tuple[float, float]], order: str, code: str = "satisfaction_rate"
) -> Answer:
    """An answer by township; of each one's figures the counts."""
    indicator = INDICATORS[code]
    frame = pd.DataFrame.from_dict(table, "index", columns=[f"{code}:n", f"{code}:d"], dtype=float)
    frame[code] = indicator.scale * frame[f"{code}:n"] / frame[f"{code}:d"]
    frame.index.name = "township_code"
    from data_access.scope import Scope

    view = View(county, 0, "zh", Scope(UNRESTRICTED, tuple(county.names), "2023-08", "2023-08"), "none")
    whole = pd.DataFrame([{code: 90.0, f"{code}:n": 9.0, f"{code}:d": 10.0}])
    choice = Choice((code,), ("township_code",), order=order)
    return Answer(view, choice, [indicator], {("township_code",): frame, (): whole}, None, {})


def test_who_has_too_few_or_no_figure_is_told_and_never_the_lowest(county: County) -> None:
    codes = list(county.names)
    table = {code: (90.0 + place, 100.0) for place, code in enumerate(codes[:-1])} | {codes[3]: (0.0, 4.0)}
    answer = answered(county, table, "low")
    found = standings(answer, answer.indicators[0])
    assert found == Standings(tuple(code for code in codes[:-1] if code != codes[3]), (codes[3],), (codes[-1],))
    with written_in("zh"):
        told = ordered_words(answer, answer.indicators[0])
    names = county.names
    assert told.startswith(f"{names[codes[0]]}最低（90 ÷ 100 = 90.0%）")
    assert f"{names[codes[3]]}数量太少，不排" in told
    assert f"{names[codes[-1]]}没有完整数据，不排" in told


def test_a_tie_is_told(county: County) -> None:
    table = {code: (80.0 if place < 2 else 95.0, 100.0) for place, code in enumerate(county.names)}
    answer = answered(county, table, "low")
    with written_in("zh"):
        first, second = list(county.names.values())[:2]
        assert ordered_words(answer, answer.indicators[0]) == f"{first}、{second}并列最低（80.0%）"
    high = standings(answered(county, table, "high"), answer.indicators[0])
    assert set(high.placed[-2:]) == set(list(county.names)[:2])


# --- On the wall ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "lowest", "title"),
    [
        ("low", (80.0, 100.0), "满意率：{0}最低（80 ÷ 100 = 80.0%）"),
        ("high", (80.0, 100.0), "满意率：{1}最高（96 ÷ 100 = 96.0%）"),
        # Of whom there are few cases nothing is told, and they are not passed over either.
        ("low", (0.0, 4.0), "满意率：{1}最低（96 ÷ 100 = 96.0%）"),
        ("", (80.0, 100.0), "满意率：{0}最低（80.0%）"),
        ("", (0.0, 4.0), "满意率：所列 2 个中{1}最低（96.0%）"),
    ],
)
def test_a_chart_of_the_wall_says_what_it_shows(
    county: County, order: str, lowest: tuple[float, float], title: str
) -> None:
    names = dict(list(county.names.items())[:3])
    first, *others = names
    table = {first: lowest, others[0]: (96.0, 100.0), others[1]: (96.5 if order == "low" or not order else 90.0, 100.0)}
    answer = answered(county, table, order)
    with written_in("zh"):
        drawn = group_drawing(answer, answer.indicators[0])
    assert drawn is not None
    assert drawn["title"] == title.format(*names.values())


def asked(**given: str) -> dict[str, Any]:
    return asked_on_screen(QueryParams(given), UNRESTRICTED)


def test_a_room_gets_the_answer_to_a_sentence_as_a_view_of_the_screen() -> None:
    told = asked(q="近30天 哪个镇满意率最低")
    assert told["frame"]["title"] == "满意率，按镇街"
    assert [one["words"] for one in told["left"]] == ["近30天"]
    (chart,) = told["frame"]["charts"]
    shown = [float(row["text"].rstrip("%")) for row in chart["rows"]]
    assert shown == sorted(shown)
    assert asked(q="天气")["problem"] == "没有看懂，可换个说法"


def test_a_room_sees_the_course_of_what_has_no_target() -> None:
    told = asked(q="去年和今年的受理量")
    assert told["left"] == []
    (chart,) = told["frame"]["charts"]
    assert (chart["kind"], len(chart["values"])) == ("trend", 8)


def test_a_room_is_shown_no_single_case(sample_engine: Engine) -> None:
    with sample_engine.connect() as connection:
        number = connection.scalar(select(petition.c.case_no).limit(1))
    assert asked(q=str(number))["problem"].startswith("大屏不显示单件诉求")


def test_a_room_chooses_between_several_senses() -> None:
    readings = asked(q="物业 7月")["readings"]
    assert [one["name"] for one in readings][1] == "受理量 · 二级类别：物业管理 · 2023年7月"
    assert asked(asks=readings[1]["asks"])["frame"]["title"] == "受理量，二级类别：物业管理"


def test_a_wall_tells_no_few_cases() -> None:
    told = json.dumps(asked(q="校车安全 投诉最少的镇")["frame"], ensure_ascii=False)
    assert "少于 5" in told
    assert not any(f'"{few} 件"' in told or f'"text": "{few}"' in told for few in (1, 2, 3, 4))


# --- Pickers ----------------------------------------------------------------------------------------


def test_names_in_boxes_to_choose_from_say_how_they_sound() -> None:
    assert [spelled(name) for name in ("大束镇", "Springfield", "")] == ["大束镇 dashuzhen", "Springfield", ""]
