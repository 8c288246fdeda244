"""The words that sentences are made of: from the registries, the values in the data and what the county calls its places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from pypinyin import Style, pinyin
from sqlalchemy import Connection, select

from data_access.access import Viewer, among
from data_access.areas import AREAS
from data_access.areas.petitions.tables import petition
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.finding import Findable
from data_access.exploring.questions import dimensions_for
from data_access.exploring.sentence.meaning import PART, SHORT, Kind, Meaning
from data_access.exploring.sentence.periods import Calendar
from data_access.exploring.sentence.tokens import key_of, tokens_of
from data_access.importing.places import short_forms
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.model.indicator import Indicator
from data_access.model.narrowing import visible
from data_access.places.tables import township_alias, village_alias
from data_access.queries import County

# What is counted where nothing else is said
_USUAL = AREAS["petitions"].headlines[0]
# Titles are looked through for words that mean nothing else: so many of the latest.
_LATEST_TITLES = 30_000
# An indicator without the noun of its area: nearer than any other part of a name
_BARE = PART - 0.03
# A part of so many names says nothing.
_MOST_OF_PART = 6
# What stands before what something is told apart by
_BEFORE = (
    "各、每、每个、各个、各类、哪支、哪类、哪种、哪一支、哪一类、哪一种、每支、各支、每类、哪、哪个、哪些、哪几个、哪一个、哪一、什么、按、按照、分、逐、依、根据、是哪个、都有哪些、有哪些、"
    "by、by the、each、every、per、which、what、across、across all、for each、of each、among、in each、in which、for every"
)
# Words that say nothing of what is asked
_REST = (
    "请问、是否、是否有、只看、只要、只算、只统计、仅、仅看、只、进入、通报、简报、月报、报表、报告、一览、一览表、统计表、汇总、汇总表、台账、图、图表、柱状图、热力图、排、多吗、少吗、高吗、低吗、多不多、少不少、高不高、低不低、多还是少、少还是多、高还是低、低还是高、多了还是少了、是多了还是少了、是多是少、高了还是低了、升了还是降了、涨了还是跌了、增加还是减少、增加了还是减少了、上升还是下降、是升是降、是增是减、变多还是变少、变好还是变差、老、老是、总是、经常、有人、总、总的、累计、累计有、合计有、调、调一下、调出、拉一下、拉个、拉一份、导一份、要一份、来一份、发一份、份、一份、回、台、宗、笔、趟、表、发放、要的、啥、增长多少、增加多少、下降多少、减少多少、上升多少、降低多少、升降多少、反映了些、反映了、报得、反映得、些、搞、造成、引、引发、引起、导致、得、请、帮我、帮忙、麻烦、麻烦你、你好、您好、谢谢、谢谢了、多谢、给我、看看、看一看、看一下、看下、查一下、查查、查询、查一查、查、问一下、问下、我想、我想看、我要、我要看、"
    "想看、想知道、想了解、想问、知道、告诉我、统计、统计一下、算算、算一下、分析、分析一下、显示、展示、来、一下、那个、这个、那些、这些、的、了、吗、"
    "呢、吧、啊、呀、嘛、么、有、有没有、是、是不是、在、和、与、及、以及、还有、还、跟、同、把、为、被、对、于、关于、有关、负责、负责的、都、都是、也、就、共、总共、但、但是、"
    "一共、合计、总计、共有、一共有、总共有、多少、是多少、有多少、几、几个、多少个、怎么样、怎样、咋样、咋个样、咋、如何、什么、什么样、什么情况、情况、情况如何、情况怎么样、数据、数量、"
    "总数、总量、数字、数、个数、里、里面、中、内、上、下、间、之间、方面、相关、目前、现在、当前、截至目前、到目前为止、全县、全市、全区、全部、"
    "所有、整个、整体、总体、本县、本市、我县、我市、我们、我们县、发生、发生了、出现、收到、接到、接了、办、办了、办理、承办、"
    "手上、手里、手头、手头上、转来、转来的、转过来的、转交、转交的、转的、转办的、发现、发现的、报了、报的、剩、剩下、剩余、还剩、还剩下、装了、装得、安装了、已经、了没有、了没、哪几家、排个序、排序、排一下、排列、具体、主要、最近情况、条、个、"
    "次、起、支、场、人、名、位、处、家、能、能不能、可以、可否、要、想、需要、这、那、我、你、您、他、它、到底、究竟、分开看、分开、分开算、问题、"
    "哪、哪个、哪里、哪儿、哪一个、按、按照、分、每个、一天里、一天中、一天当中、反映的、属于、所属、辖区、辖区内、以来、期间、内容、类、群众、市民、居民、百姓、老百姓、"
    "the two、which of the two、which of、of the two、both、does it take、up or down、more or less、better or worse、please、everything、first、show、show me、tell me、give me、find、get、see、i want、i want to see、want、need、can you、could you、would you、what is、what's、"
    "what are、what were、what was、what、which、how is、how are、how does、how did、how do、how many、how much、how's、is、are、was、were、do、did、does、has、have、"
    "had、there、there are、are there、the、a、an、of、in、on、at、for、with、and、to、me、my、our、we、us、that、this、these、those、from、it、its、by、where、"
    "all、total、overall、in total、number、number of、count、count of、the number of、figure、figures、data、statistics、about、their、they、"
    "county、whole county、the whole county、so far、currently、now、rank、ranked、ranking、between、thanks、thank you、people、residents、citizens、hi、hello、"
    "been、be、any、some、being、handled、handles、handle、held、look、like、just、only、go、doing、got、receive、received in、report、each、every、per、problem、problems、issue、issues"
)
# Who wants it: 书记要; of 大束镇的书记 nothing is known here
_WHO_WANTS = tuple(
    who + wants
    for who in ("书记", "领导", "县长", "镇长", "主任")
    for wants in ("要", "要的", "要看", "要问", "问", "问的", "想看", "想知道")
)
# Figures are told apart by what is named several times over: 大束镇和唐村镇比
_VERSUS = (
    "多几件、少几件、多了几件、少了几件、多几个、少几个、多了几个、少了几个、多几起、少几起、高多少、低多少、差多少、相差多少、差了多少、多了多少、少了多少、高了多少、低了多少、多多少、少多少、差别、区别、差距、对比、比较、相比较、对比一下、比一比、比一下、各、各有、各是、各有多少、各多少、各几件、分别、分别是、分别有、"
    "compare、compared、comparison、respectively"
)
# The same, but one is measured by the other: with nothing to tell apart they are not understood
_AGAINST = "比、相比、比起、versus、vs、than、compared with、compared to"
# One of what stands on both sides of it; both of them
_OR = "或、或者、或是、或者是、还是、or"
_BOTH = "既、又、同时、并且、而且、且"
# Said of what is told apart; without that it is not understood
_SPREAD = "分布、分布情况、构成、组成、结构、构成情况、distribution、breakdown"
# Which of what is told apart, but no person
_WHO = "谁、是谁、谁的、谁家、谁家的、都有谁、都是谁、都有谁家的、who、whose"
# The township or village of whoever asks, which has to be named, too
_OURS = {
    "township_code": "我镇、我们镇、本镇、咱镇、咱们镇、我街道、我们街道、本街道、我乡、我们乡、本乡、本镇街、本辖区、our township",
    "village_code": "我村、我们村、本村、咱村、咱们村、我社区、我们社区、本社区、咱社区、咱们社区、我们小区、our village",
}
# How long something takes, how much money it is, and what is counted that is no case
_UNITS = {
    "time": "几小时、几个小时、多少小时、多少个小时、几个钟头、多少钟头、多久、多长时间、要多久、要多长时间、需要多久、需要多长时间、how long、how many hours、how many days、how long does it take",
    "money": "多少钱、多少元、多少万、多少万元、多少亿、多少亿元、几万元、金额、金额多少、how much money",
    "people": "多少人、多少个人、几人、几个人、多少名、几名、多少位、几位、how many people",
    "households": "多少户、几户、多少家、几家、how many households",
}
# Words that turn what stands behind (before) them into its opposite, or into something else
_TWISTS = (
    "除、除了、除去、除开、不含、不包括、不包含、不算、不要、剔除、去掉、排除、非、没、没有、未、不是、不、无、别的、"
    "except、except for、excluding、without、other than、not、non、no、never"
)
_TWISTS_BEFORE = "以外、之外、除外、excluded"
_ORDERS = {
    "high": "最高、最多、最大、最长、居首、领先、最厉害、最严重、最突出、最集中、集中在、主要集中在、从高到低、从高到低排、从高到低排序、从高到低排列、从多到少、从多到少排、从多到少排序、由高到低、由多到少、降序、高到低、多到少、排名、排个名、排名次、排个名次、排个队、排一排、排行、排行榜、排前面、"
    "highest、most、largest、longest、biggest、greatest、maximum、descending、top",
    "low": "最低、最少、最小、最短、从低到高、从低到高排、从低到高排序、从低到高排列、从少到多、从少到多排、由低到高、由少到多、升序、低到高、少到多、"
    "lowest、least、fewest、smallest、shortest、minimum、bottom、ascending",
    "best": "最好、最佳、最优、靠前、best",
    "worst": "最差、最糟、最不好、靠后、落后、垫底、倒数、末位、倒数第一、排最后、最后一名、worst",
    "slow": "最慢、slowest",
    "fast": "最快、fastest、quickest",
    # Only where something is told apart: 哪个村投诉多
    "more": "多、高、较多、较高、偏多、偏高、比较多、比较高、更多、更高、多一些、多一点、多些、高一些、高一点、高些、more、higher",
    "less": "少、低、较少、较低、偏少、偏低、比较少、比较低、更少、更低、少一些、少一点、少些、低一些、低一点、低些、fewer、less、lower",
    "better": "好、好吗、好不好、好还是差、更好、好一些、好一点、好些、较好、比较好、better",
    "worse": "差、更差、差一些、差一点、差些、较差、比较差、worse",
    "faster": "快、快吗、快不快、快多少、快还是慢、更快、快一些、快一点、快些、较快、比较快、faster、quicker",
    "slower": "慢、慢吗、慢不慢、慢多少、更慢、慢一些、慢一点、慢些、较慢、比较慢、slower",
    "old": "最久、时间最长、拖得最久、拖最久、按超期天数、按超期天数排、按超期天数排序、超期久的在前",
}
_LIST = (
    "列个清单、列清单、列个表、列张表、清单、名单、明细、列表、列出、列出来、列一下、逐条、逐件、都有哪些、有哪些、哪些、哪几件、哪些件、是哪些、是哪几件、列个单子、拿来看看、一件一件、"
    "list、list of、list the、list all、rows、show the list、which ones、details"
)
# Other things to look at in 自由筛选
_LOOKS = {
    "causes": "共性诉求、共性问题、集中反映的问题、common causes、common cause",
    "forecast": "下月预计、下个月预计、预计、预计下月、预计下个月、预测、下月预测、下个月预测、forecast、expected next month、next month forecast",
}
_WEEKDAYS = (
    "星期一、周一、礼拜一、monday",
    "星期二、周二、礼拜二、tuesday",
    "星期三、周三、礼拜三、wednesday",
    "星期四、周四、礼拜四、thursday",
    "星期五、周五、礼拜五、friday",
    "星期六、周六、礼拜六、saturday",
    "星期日、星期天、周日、礼拜天、礼拜日、sunday",
)
_WEEKENDS = {("6", "7"): "周末、双休日、weekend", ("1", "2", "3", "4", "5"): "工作日、周一到周五、weekday"}
# So general a part of names that it stands for none of them
_JOINING = frozenset(
    ["with", "of", "the", "in", "on", "by", "a", "an", "per", "for", "and", "to", "at", "from", "over"]
)
_TURNING_SIGNS = frozenset("不未没无非待")
_JOINING_SIGNS = frozenset("的和与及")
_NO_PARTS = frozenset(
    map(
        str,
        [
            "平均",
            "第一",
            "及时",
            "完成",
            "时长",
            "问题",
            "工作",
            "情况",
            "服务",
            "管理",
            "类别",
            "类",
            "kind",
            "project",
            "case",
            "rate",
            "mean",
            "share",
            "time",
            "number",
        ],
    )
)


def words_of(written: str) -> list[str]:
    """Words with 、 between them."""
    return [word for word in written.split("、") if word]


@dataclass(frozen=True)
class Vocabulary:
    """What every word may mean, by its key (:func:`~data_access.exploring.sentence.tokens.key_of`).

    ``sounds``: by pinyin and initials, of whole words in ASCII. ``titles``: titles of the latest cases, one a line, lower
    case; ``matters``: the same without the villages that they begin with. ``longest``: the most tokens of a word that begins with a token.
    """

    words: Mapping[str, tuple[Meaning, ...]]
    sounds: Mapping[str, tuple[Meaning, ...]]
    longest: Mapping[str, int]
    titles: str
    matters: str
    abbreviated: tuple[tuple[str, Meaning], ...]
    indicators: Mapping[str, Indicator]
    county: str
    names: Mapping[str, str]
    calendar: Calendar

    def __len__(self) -> int:
        """How much is kept of it (:func:`data_access.cache.answers`)."""
        return len(self.words)


@dataclass(frozen=True)
class Spoken:
    """What sentences may speak of besides values: aliases of places, and titles of cases, lower case, one a line."""

    township_aliases: tuple[tuple[str, str], ...]
    village_aliases: tuple[tuple[str, str], ...]
    titles: str

    def __len__(self) -> int:
        return len(self.village_aliases) + self.titles.count("\n")


def spoken(connection: Connection, viewer: Viewer) -> Spoken:
    """The aliases and titles that a viewer may know of."""
    seen = among(township_alias.c.township_code, viewer.within(None))
    aliases = connection.execute(select(township_alias.c.alias, township_alias.c.township_code).where(seen)).all()
    seen = among(village_alias.c.township_code, viewer.within(None))
    of_villages = connection.execute(select(village_alias.c.alias, village_alias.c.village_code).where(seen)).all()
    c = petition.c
    latest = select(c.title).where(visible(petition, viewer.of_cases())).order_by(c.received_at.desc())
    titles = connection.scalars(latest.limit(_LATEST_TITLES)) if viewer.may("cases") else ()
    told = "\n".join(dict.fromkeys(title.lower() for title in titles if title))
    return Spoken(tuple(map(tuple, aliases)), tuple(map(tuple, of_villages)), told)


class _Words:
    """Gathers what words mean; of one thing the nearest."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[object, ...], Meaning]] = {}

    def add(self, word: str, meaning: Meaning) -> None:
        self.add_key(key_of(word), meaning)

    def add_key(self, key: str, meaning: Meaning) -> None:
        if not key:
            return
        same = (meaning.kind, meaning.value, meaning.values)
        known = self._found.setdefault(key, {})
        if same not in known or known[same].distance > meaning.distance:
            known[same] = meaning

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def told(self) -> dict[str, tuple[Meaning, ...]]:
        return {key: tuple(meanings.values()) for key, meanings in self._found.items()}


def vocabulary(values: Sequence[Findable], found: Spoken, county: County) -> Vocabulary:
    """The vocabulary of a county with at least one month, as a viewer may know it."""
    indicators = {**INDICATORS, **QUESTION_INDICATORS, **county.reported}
    words, sounds, parts = _Words(), _Words(), _Words()
    nouns_of = {
        code: [noun for nouns in area.nouns.values() for noun in words_of(nouns)] for code, area in AREAS.items()
    }
    for code, indicator in indicators.items():
        meaning = Meaning("count", code, name=indicator.zh)
        for name in (indicator.zh, indicator.en, *words_of(indicator.words)):
            words.add(name, meaning)
            for parted in _interposed(name, is_reported=code in county.reported):
                words.add(parted, meaning)
        for name in (indicator.zh, indicator.en):
            _add_parts(parts, name, meaning)
        for noun in nouns_of.get(indicator.area, ()):
            if len(indicator.zh) > len(noun) + 2 and indicator.zh.startswith(noun):
                # Of events, 办结率 is their rate rather than the rate of those that are on time.
                parts.add(indicator.zh.removeprefix(noun), replace(meaning, distance=_BARE))
        _add_sounds(sounds, [indicator.zh], meaning, SHORT)
    for area in AREAS.values():
        for code, nouns in area.nouns.items():
            for noun in words_of(nouns):
                words.add(noun, Meaning("about", code, name=noun))
        for name in (area.zh, area.en):
            words.add(name, Meaning("about", area.headlines[0], name=name))
        for code, nouns in area.nouns_beside.items():
            own = set(dimensions_for((INDICATORS[code],))) - set(dimensions_for((INDICATORS[_USUAL],)))
            beside = (*words_of(area.nouns[area.headlines[0]]), *(one.name for one in values if one.kind in own))
            for noun in words_of(nouns):
                words.add(noun, Meaning("about", code, name=noun, beside=beside))
    for dimension in DIMENSIONS.values():
        _add_dimension(words, parts, dimension.code)
    abbreviated = _add_values(words, sounds, parts, values, found, county)
    # All is of the county: its name is no part of a department's.
    of_county = (county.name, county.name[:-1]) if len(county.name) > 2 else ()
    for word in (*words_of(_REST), *_WHO_WANTS, *of_county):
        words.add(word, Meaning("rest"))
    for order, written in _ORDERS.items():
        for word in words_of(written):
            words.add(word, Meaning("order", order))
    of_kinds: dict[Kind, str] = {
        "list": _LIST,
        "versus": _VERSUS,
        "against": _AGAINST,
        "or": _OR,
        "both": _BOTH,
        "spread": _SPREAD,
        "who": _WHO,
        "twist": _TWISTS,
        "twisted": _TWISTS_BEFORE,
    }
    for kind, written in of_kinds.items():
        for word in words_of(written):
            words.add(word, Meaning(kind))
    for word in ("平均", "平均下来", "average", "mean", "on average"):
        words.add(word, Meaning("mean"))
    for place, written in _OURS.items():
        for word in words_of(written):
            words.add(word, Meaning("ours", place))
    for unit, written in _UNITS.items():
        for word in words_of(written):
            words.add(word, Meaning("unit", unit))
    for look, written in _LOOKS.items():
        for word in words_of(written):
            words.add(word, Meaning("look", look, name=word))
    for day, written in enumerate(_WEEKDAYS, 1):
        for word in words_of(written):
            words.add(word, Meaning("is", "weekday", (str(day),), word))
    for days, written in _WEEKENDS.items():
        for word in words_of(written):
            words.add(word, Meaning("is", "weekday", days, word))
    told = words.told()
    for key, meanings in parts.told().items():
        is_said = any(one.kind not in ("count", "about", "by", "is") for one in told.get(key, ()))
        if len(meanings) <= _MOST_OF_PART and not is_said:
            own = {one.kind for one in told.get(key, ())}
            for meaning in meanings:
                # 部门 is told apart by, whatever indicator's name it is a part of; 网格员 is more than their list of duties.
                is_other = "by" in own or (own & {"about", "count"} and meaning.value in county.reported)
                if meaning.kind != "count" or not is_other:
                    words.add_key(key, meaning)
    told = {key: _without_general(meanings) for key, meanings in words.told().items()}
    longest: dict[str, int] = {}
    for key in told:
        first, *others = key.split(" ")
        longest[first] = max(longest.get(first, 0), 1 + len(others))
    return Vocabulary(
        told,
        sounds.told(),
        longest,
        found.titles,
        _matters(found.titles, values),
        abbreviated,
        indicators,
        county.name,
        county.names,
        Calendar(county.months, county.usual_months),
    )


def _matters(titles: str, values: Sequence[Findable]) -> str:
    """Titles without the villages that they begin with: a part of a village's name is nothing that cases are about."""
    villages = {
        form.lower()
        for one in values
        if one.kind == "village_code"
        for form in (one.name, *short_forms("village", one.name, one.within))
        if len(form) > 1
    }
    longest = max(map(len, villages), default=0)

    def without(title: str) -> str:
        size = next((size for size in range(longest, 1, -1) if title[:size] in villages), 0)
        return title[size:]

    return "\n".join(without(title) for title in titles.split("\n"))


def _without_general(meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
    """Meanings of a word: 信访量 is of the channel 信访, where there is one, rather than of all cases."""
    if any(one.kind == "is" and one.distance < PART for one in meanings):
        return tuple(one for one in meanings if (one.kind, one.value) != ("count", _USUAL))
    return meanings


def bare_names(name: str, county: str) -> tuple[str, ...]:
    """The name of a department, and the same without what it belongs to: the county, or 市, 县, 区."""
    short = county.rstrip("市县区")
    rest = name.removeprefix(county) if name.startswith(county) else name.removeprefix(short) if short else name
    bare = re.sub("^[市县区](?=..)", "", rest)
    return tuple(dict.fromkeys(one for one in (name, rest, bare) if len(one) > 1))


# Ends of indicators' names before which 总 may stand, and how much of what was done is asked: 走访了多少家企业
_ENDS = ("时长", "次数", "人数", "数量", "场次", "件数", "数", "量")
_HOW_MANY = tuple(
    f"{done}{many}{unit}"
    for done in ("了", "")
    for many in ("多少", "几")
    for unit in ("", *"家个户人名次件场条处份起")
    if many == "多少" or unit
)


def _interposed(name: str, *, is_reported: bool) -> Iterator[str]:
    """An indicator's Chinese name with words in it that say nothing of their own."""
    if name.isascii():
        return
    end = next((one for one in _ENDS if name.endswith(one) and len(name) > len(one) + 1), "")
    if end:
        yield from (f"{name.removesuffix(end)}{between}{end}" for between in ("总", "累计", "累计总", "合计"))
    if is_reported and 4 <= len(name) <= 8:
        yield from (f"{name[:2]}{between}{name[2:]}" for between in ("了", *_HOW_MANY))


def _add_dimension(words: _Words, parts: _Words, code: str) -> None:
    dimension = DIMENSIONS[code]
    meaning = Meaning("by", code, name=dimension.zh)
    names = (dimension.zh, dimension.en, *words_of(dimension.words))
    bare = dimension.zh.replace("（", "").replace("）", "")
    for name in dict.fromkeys((*names, bare)):
        words.add(name, replace(meaning, distance=0.2))
        for before in words_of(_BEFORE):
            if before[-1] in "类种" and not dimension.code.startswith("category"):
                # 各类志愿队伍: by what kind, not by team
                continue
            if name.isascii() == before.isascii():
                words.add(f"{before} {name}" if before.isascii() else before + name, meaning)
            if before in ("按", "按照", "分") and not name.isascii():
                words.add(f"{before}{name}看", meaning)
    # Kinds of townships are told of everything: the kind that is asked for is mostly another.
    if code != "league":
        far = replace(meaning, distance=PART)
        _add_parts(parts, dimension.zh, far, [word for word in words_of(_BEFORE) if not word.isascii()])
    for code_of, zh, en in dimension.answers:
        if code_of in ("yes", "no") and zh in ("是", "否"):
            continue
        answer = Meaning("is", code, (code_of,), zh)
        for name in (zh, en):
            words.add(name, answer)
    for written, values in dimension.said:
        for word in words_of(written):
            words.add(word, Meaning("is", code, values, word))
            if values == ("yes",) and {"yes", "no"} <= {one for one, _, _ in dimension.answers} and not word.isascii():
                for no in ("不是", "非", "没", "没有", "不"):
                    words.add(no + word, Meaning("is", code, ("no",), no + word))


def _add_values(
    words: _Words, sounds: _Words, parts: _Words, values: Sequence[Findable], found: Spoken, county: County
) -> tuple[tuple[str, Meaning], ...]:
    """Add the values of dimensions; returns the names of departments and the like, which are abbreviated at will."""
    townships = {code: Meaning("is", "township_code", (code,), name) for code, name in county.names.items()}
    of_name = {name: code for code, name in county.names.items()}
    abbreviated: list[tuple[str, Meaning]] = []
    villages: dict[str, Findable] = {}
    for one in values:
        match one.kind:
            case "township_code":
                meaning = townships[one.value]
                words.add(one.name, meaning)
                forms = short_forms("township", one.name, county.name)
                for form in forms:
                    words.add(form, replace(meaning, distance=SHORT))
                _add_sounds(sounds, [one.name], meaning, 0.1)
                _add_sounds(sounds, [min(forms, key=len, default=one.name)], meaning, SHORT)
            case "village_code":
                villages[one.value] = one
                meaning = Meaning("is", one.kind, (one.value,), one.name, of_name.get(one.within, ""))
                words.add(one.name, meaning)
                forms = short_forms("village", one.name, one.within)
                for form in forms:
                    # A township is meant rather than the village that it is named after.
                    words.add(form, replace(meaning, distance=SHORT if form[-1:] in "村居区" else 0.9))
                _add_sounds(sounds, {one.name, min(forms, key=len, default=one.name)}, meaning, 0.9)
            case "grid_code" | "team":
                words.add(one.name, Meaning("is", one.kind, (one.value,), one.name, of_name.get(one.within, "")))
            case _:
                meaning = Meaning("is", one.kind, (one.value,), one.name)
                if one.kind == "league" and len(one.name) == 1:
                    beside = tuple(other.name for other in values if other.kind == "league" and other != one)
                    words.add(one.name, replace(meaning, beside=beside))
                elif len(one.name) > 1:
                    words.add(one.name, meaning)
                    for behind in ("类", "件", "渠道", "量"):
                        words.add(one.name + behind, replace(meaning, distance=SHORT))
                _add_sounds(sounds, [one.name], meaning, SHORT)
                _add_parts(parts, one.name, meaning)
                if one.kind in ("department", "responsible"):
                    _add_parts(parts, one.name.lstrip("省市县区"), meaning)
                    bare = bare_names(one.name, county.name)
                    abbreviated += [(short, meaning) for short in bare]
                    for short in bare:
                        words.add(short, replace(meaning, distance=SHORT))
    for alias, code in found.township_aliases:
        if code in townships:
            words.add(alias, replace(townships[code], distance=0.1))
            forms = short_forms("township", alias, county.name)
            for form in forms:
                words.add(form, replace(townships[code], distance=SHORT))
            _add_sounds(sounds, [alias, *forms], townships[code], SHORT)
    for alias, code in found.village_aliases:
        if code in villages:
            one = villages[code]
            words.add(alias, Meaning("is", one.kind, (code,), one.name, of_name.get(one.within, ""), 0.1))
    return tuple(abbreviated)


def _add_parts(parts: _Words, name: str, meaning: Meaning, before: Iterable[str] = ()) -> None:
    """Add what a name begins or ends with: at least two characters, or a word. Of a dimension: its end alone.

    What is within a name has three characters; an indicator's end, too, which mostly is 率 or 数.
    """
    tokens = [token for token in tokens_of(name).tokens if not token.is_sign]
    is_chinese = any(token.is_chinese for token in tokens)
    for first in range(len(tokens)):
        for after in range(first + 1, len(tokens) + 1):
            own = tokens[first:after]
            size = len(own) if is_chinese and own[0].is_chinese else sum(len(token.word) for token in own)
            is_begin, is_end = first == 0, after == len(tokens)
            if meaning.kind == "by":
                fits = is_chinese and is_end and size >= 2
            elif not is_chinese:
                fits = size >= 5 and len(own) > 1 - is_begin and not {own[0].word, own[-1].word} & _JOINING
            else:
                fits = size >= (2 if is_begin or (is_end and meaning.kind == "is") else 3)
            key = " ".join(token.stem for token in own)
            fits = fits and not {own[0].word, own[-1].word} & _JOINING_SIGNS
            # 达标 is no part of 供暖温度不达标, nor 签收 of 待签收.
            fits = fits and not (first and tokens[first - 1].word in _TURNING_SIGNS)
            if not fits or (is_begin and is_end) or "".join(token.word for token in own) in _NO_PARTS:
                continue
            parts.add_key(key, replace(meaning, distance=max(PART, meaning.distance)))
            for word in before:
                parts.add_key(f"{key_of(word)} {key}", replace(meaning, distance=max(PART, meaning.distance)))


def _add_sounds(sounds: _Words, names: Iterable[str], meaning: Meaning, distance: float) -> None:
    """Add names in pinyin and by their initials."""
    for name in names:
        heard = replace(meaning, distance=max(distance, meaning.distance))
        for sound in _sounds(name):
            if len(sound) > 2 or meaning.value == "township_code":
                sounds.add_key(sound, heard)


# Characters with several readings are looked up under these many of their combinations.
_MOST_READINGS = 8


def _sounds(name: str) -> Iterator[str]:
    """A name in pinyin, its syllables together and apart, and by its initials, in its possible readings."""
    if len(name) < 2 or any(sign.isascii() for sign in name):
        return
    for way in islice(product(*pinyin(name, style=Style.NORMAL, heteronym=True)), _MOST_READINGS):
        yield "".join(way)
        if len(way) > 1:
            yield "".join(sound[:1] for sound in way)
