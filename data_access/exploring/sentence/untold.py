"""What sentences ask that cannot be asked of the data, and why."""

from __future__ import annotations

import re

from data_access.exploring.sentence.periods import Reason

NO_AMOUNT: Reason = ("没有这个金额", "there is no such amount of money")
NOBODY: Reason = ("不按人找，也不给人排先后", "nobody is looked for or ranked")
NO_SCORE: Reason = ("得分和名次看“月度评比”", "scores and places stand on the page Monthly evaluation")
_ENGLISH = "(?:two|three|four|five|six|seven|eight|nine|ten|a|one|half)"
_SO_MUCH = r"(?:[\d.]+|[一二两三四五六七八九十百半]+)\s*(?:多)?"
_OF_WHAT = (
    r"(?:%|％|成|件|条|天|日|周|个?星期|个?月|年|个?小时|个?钟头|个百分点|分|个|次|人|户|台|万|元|倍|"
    r"per ?cent|days?|weeks?|months?|years?|hours?|cases?|times)"
)
_AT_LEAST = re.compile(
    r"(?:(?:低于|高于|超过|超出|超|过了?|满|不满|不到|不足|不低于|不高于|不超过|不少于|不多于|少于|多于|大于|小于|达到|没到|未到|至少|最多|起码|>=?|<=?|≥|≤|"
    r"longer than|older than|below|above|over|under|more than|less than|fewer than|at least|at most|greater than|within)\s*"
    rf"(?:{_SO_MUCH}\s*{_OF_WHAT}|[\d.]+|一半|半数|[两三四五六七八九]成|{_ENGLISH}(?:\s{_OF_WHAT})?)(?:以上|以下|以内|之内|多)?"
    rf"|{_SO_MUCH}\s*{_OF_WHAT}?\s*(?:以上|以下|以内|之内|还没|都没|没办|未办|不办)"
    rf"|(?:{_SO_MUCH}|{_ENGLISH})\s*(?:days?|weeks?|hours?) or (?:more|longer|less))"
)
NOT_TOLD: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (
        re.compile(
            r"(?:总|计划|年度|完成|累计)?投资(?:总|了|完成)?(?:额|金额|规模|多少(?:钱|万元?|亿元?|元))|总投资|投了多少钱?"
        ),
        NO_AMOUNT,
    ),
    (
        re.compile(rf"(?:连续|接连|一连)(?:{_SO_MUCH}|几)(?:个月|个星期|个季度|天|周|次|年)"),
        ("不能问连续几个月都怎样", "what holds in a row cannot be asked"),
    ),
    (
        re.compile(
            r"(?:大|半|深)?夜里|夜间|晚上|晚间|早上|早晨|清晨|上午|下午|中午|傍晚|凌晨|白天|at night|in the (?:morning|afternoon|evening)"
        ),
        ("时刻要说几点：晚上8点", "name the hour: 20:00"),
    ),
    (
        re.compile(
            r"(?:(?:全县|全市|全区)?(?:排名?|名列|位列|位居)(?:在)?(?:全县|全市|全区)?第?(?:几|多少)(?:名|位)?|第几(?:名|位)?)(?!个)"
        ),
        ("不答第几；可以问各镇街排名", "no place is told: ask for the ranking of townships"),
    ),
    (
        re.compile(
            r"节假日|假期|春节|元旦|清明|五一|端午|中秋|国庆|暑假|寒假|汛期|(?:春|夏|秋|冬)(?:天|季)|入冬|入夏|上班时间|下班|工作时间|spring festival|holidays?|winter|summer"
        ),
        ("时间按月说：7月到8月", "name the months: July to August"),
    ),
    (re.compile(r"其中|里面有(?:多少|几)|of which|of them"), ("一次只问一个条件", "a question has one condition")),
    (
        re.compile(r"电话|手机号?码?|号码|姓名|身份证号?码?|微信"),
        ("不按电话、姓名找人", "nobody is looked for by phone or name"),
    ),
    (
        re.compile(
            r"(?:考核|考评|评比)?(?:总?得分|总分|评分|打分|扣分|加分|积分|考核|考评|评比)(?:情况|结果|成绩|排名|排行|第[一二三]|最[高低多少好差])*"
        ),
        NO_SCORE,
    ),
    (re.compile(r"(?:差距|差别|区别)(?:最[大小多少]|大|小)"), ("不按差距排先后", "differences are not ranked")),
    (
        re.compile(r"(?:已|被)?作废|无效(?=件|的|诉求|投诉)"),
        ("作废的诉求不计", "cases deleted as invalid do not count"),
    ),
    (re.compile(r"签收了(?:多少|几)?[件个]*"), ("只有及时签收率", "there is but the rate of those signed in time")),
    (re.compile(r"一次性?(?=[办解结])"), ("不分第几次", "not told by how many times")),
    (
        re.compile(
            r"(?:都?是)?(?:谁|哪(?:一|几)?个人|哪些人|什么人|何人)(?:家|的)*(?:反映|投诉|上报|报|提|打)(?:了|得|的)*(?:最[多少高低快慢])?"
            r"|(?:都?是)?(?:哪(?:一|几)?个人|哪些人|什么人|何人)"
        ),
        NOBODY,
    ),
    (
        re.compile(
            r"(?:early|mid|late)(?:[ -](?:in|at))?[ -](?:january|february|march|april|may|june|july|august|september|october|november|december|the)\b"
        ),
        ("按月统计，不分上中下旬", "figures are by month, not by its parts"),
    ),
    (
        re.compile(
            r"(?:前|后|倒数|top|bottom)\s*(?:\d+|[一二三四五六七八九十]+)\s*(?:%|成|个百分点)"
            r"|(?:每|各)个?(?:镇街|镇|街道|村|部门)(?:排名)?(?:前|倒数)\s*(?:\d+|[一二三四五六七八九十]+)(?:名|个)?"
        ),
        ("前几只能是个数，全体一起排", "the first so many of all, no share and not of each"),
    ),
    (
        re.compile(r"(?:outside(?: of)?|before|after) (?:[a-z]+)"),
        ("不会排除，只会选取", "what is asked for can be chosen, not left out"),
    ),
    (
        re.compile(r"为什么|为何|为啥|咋回事|怎么回事|什么原因|原因是什么|凭什么|why"),
        ("只答是多少，不答为什么", "how many is told, not why"),
    ),
    (
        re.compile(
            r"占比|占总数|占全县|占|比例|比重|百分比|百分之几|所占|share of|percentage of|proportion of|share|percentage|proportion"
        ),
        ("占比不能直接问；按它分，表里能看出来", "shares are not asked for: ask by it, and see the table"),
    ),
    (
        re.compile(
            r"(?:上升|下降|增加|增多|减少|增长|变好|变差|变多|变少|变快|变慢|好转|恶化|回升|回落|上涨|下滑|升高|降低|走高|走低|"
            r"多了|少了|高了|低了|涨了|降了|升了|涨|跌)(?!了?(?:多少|几|幅度|情况|百分))(?:得|了|的)?(?:最[快慢多少大小高低明显]+|较?[快慢多大])?"
            r"|比(?:去年|上年|上个?月|上个?季度|上期|以前|之前)(?:同期)?(?:还|更|要)?(?:多|少|高|低|好|差|快|慢)了?的"
            r"|(?:(?:most|least|fastest|biggest) )?(?:increas|decreas|improv|worsen|declin|ris|fall|drop|grow)(?:e|ed|es|ing|en|s|ped|ping)?\b|rose|fell|grew|grown|went (?:up|down)|got (?:better|worse)"
        ),
        ("不能按升降挑选；表里有和对比时段的差", "rises and falls are no filter: the table shows the difference"),
    ),
    (
        re.compile(
            r"人均|户均|村均|镇均|月均|均值|每(?:一|个|名|位|支|台|件|条)?(?:人|户|村民|居民|志愿者|网格员|队员|摄像头|探头|监控|项目)|per (?:person|head|capita|worker|volunteer|camera|project)"
        ),
        ("不按人、按户、按个求平均", "no averages per head or piece"),
    ),
    (
        re.compile(
            r"(?:近|最近|过去|前)?(?:一两|两三|三四|三五|四五|五六|六七|七八|八九|十几|几十|好几|若干)(?:个月|[个名位天年件]+)"
        ),
        ("不知道是几", "how many is not said"),
    ),
    (
        re.compile(
            r"(?:低于|高于|不及|落后于|超过|超出|好于|差于)(?:全县|全市|全区|县里|平均|计划|目标|均)[\u4e00-\u9fff]{0,3}?(?=的|$)"
        ),
        ("不能按数值筛选；可以问最高、最低、前几", "figures are no filter: ask for the highest or lowest"),
    ),
    (re.compile(r"中位数?|中位值|众数|典型|标准差|方差|median"), ("只有平均数", "there are means only")),
    (
        re.compile(r"平均每(?:个|支|名|台|位|家|条|件)?(?:队伍|志愿队|队)?(?![天日周月])"),
        ("只数总数，不求平均", "totals are told, no averages"),
    ),
    (
        re.compile(r"(?:按|每个?|各个?|逐|分)季度?|by quarter|quarterly|each quarter|per quarter"),
        ("不能按季度分；可以按月", "not told by quarter: ask by month"),
    ),
    (_AT_LEAST, ("不能按数值筛选；可以问最高、最低、前几", "figures are no filter: ask for the highest or lowest")),
)
