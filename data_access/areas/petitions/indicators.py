"""The indicators of petitions."""

from __future__ import annotations

from data_access.areas.petitions.area import AREA
from data_access.model.indicator import CASES, CLOSED, DUE, HOURS, PEOPLE, RECEIVED, Indicator

INDICATORS = (
    Indicator(
        "received", "petitions", "受理量", "Cases received", "件", "cases", AREA.source, "received", None,
        "当期受理的有效诉求件数；作废件不计", "Valid cases received in the period; cases deleted as invalid do not count",
        *RECEIVED,
        words=(
            "诉求量、受理数、受理件数、受理件、诉求数、诉求件数、投诉量、投诉数、投诉件数、工单量、工单数、来电量、来件量、案件数、案件量、信访量、number of cases、"
            "number of complaints、case volume、petitions received、complaints received、"
            "requests received"
        ),
    ),
    Indicator(
        "signed_in_time_rate", "petitions", "及时签收率", "Signed in time", "%", "%", AREA.source,
        "signed_in_time", "sign_expected",
        "24 小时内签收件数 ÷ 应签收件数；未记录签收时间的已答复、已办结件不计",
        "Signed within 24 hours / due for signing; answered or closed cases without a recorded signing time do not count",
        *RECEIVED, scale=100, decimals=1, direction="higher", target=95, known_by="signing_recorded",
        words="签收率、签收及时率、按时签收率、timely signing、signed in time rate、signing rate",
    ),
    Indicator(
        "completion_rate", "petitions", "办结率", "Completion rate", "%", "%", AREA.source, "completed", "closing_known",
        "当期受理诉求中已办结件数 ÷ 来源记录了办结与否的当期受理件数", "Cases received in the period and closed by now / those of which the source tells whether they are",
        *RECEIVED, scale=100, decimals=1, direction="higher", target=95, comparable=False, known_by="closing_known",
        words="办完了没有、办完没有、办完没、办完了没、办完了吗、办结了没有、办结没有、办结了吗、办好了没有、办好没有、办好了吗、结案率、完成率、办理率、完结率、办结比例、completion、closure rate、completed share",
    ),
    Indicator(
        "closed", "petitions", "办结量", "Cases closed", "件", "cases", AREA.source, "closed", None,
        "当期办结的有效诉求件数（不论何时受理）", "Valid cases closed in the period, whenever received",
        *CLOSED, known_by="closing_recorded",
        words="办结数、办结件数、办结件、结案数、结案量、closed cases、cases completed、completed cases",
    ),
    Indicator(
        "on_time_rate", "petitions", "按期办结率", "Closed on time", "%", "%", AREA.source, "closed_on_time", "due",
        "期限内办结件数 ÷ 当期到期件数", "Closed by the due date / due in the period",
        *DUE, scale=100, decimals=1, direction="higher", target=95, known_by="deadlines_recorded",
        words=(
            "按时办结率、及时办结率、按期率、办结及时率、按期办理率、按时率、on time rate、closed on time rate、on time completion、"
            "on time closure rate、closing on time"
        ),
    ),
    Indicator(
        "resolved_rate", "petitions", "解决率", "Resolved", "%", "%", AREA.source, "resolved", "resolved_answers",
        "回访答“已解决”件数 ÷ 回访中问及是否解决的件数", "Callbacks answering “resolved” / callbacks that asked",
        *CLOSED, scale=100, decimals=1, direction="higher", target=90, known_by="callbacks_recorded",
        words="问题解决率、实际解决率、化解率、resolution rate、resolved rate、resolve rate",
    ),
    Indicator(
        "satisfaction_rate", "petitions", "满意率", "Satisfied", "%", "%", AREA.source, "satisfied", "satisfied_answers",
        "回访答“满意”件数 ÷ 回访中问及是否满意的件数", "Callbacks answering “satisfied” / callbacks that asked",
        *CLOSED, scale=100, decimals=1, direction="higher", target=92, known_by="callbacks_recorded",
        words="满意不满意、满不满意、满意吗、满意了吗、群众满意吗、满意度、群众满意率、群众满意度、回访满意率、好评率、satisfaction、satisfaction rate、satisfied rate",
    ),
    Indicator(
        "callback_rate", "petitions", "回访率", "Called back", "%", "%", AREA.source, "called_back", "callbacks_due",
        "已回访件数 ÷ 当期办结件数", "Cases called back / cases closed in the period",
        *CLOSED, scale=100, decimals=1, direction="higher", target=80, known_by="callbacks_recorded",
        words="回访了没有、回访没有、回访没、回访了没、回访了吗、回访过没有、有没有回访、回访比例、callback rate、call back rate、callbacks",
    ),
    Indicator(
        "repeat_rate", "petitions", "重复诉求率", "Repeat cases", "%", "%", AREA.source, "repeats", "repeats_recorded",
        "重复反映件数 ÷ 当期受理件数", "Cases repeating an earlier one / cases received",
        *RECEIVED, scale=100, decimals=1, direction="lower", target=8, known_by="repeats_recorded",
        words="重复率、重复投诉率、重复反映率、重复件率、重复工单率、repeat rate、repeated cases rate",
    ),
    Indicator(
        "false_closure_rate", "petitions", "假闭环率", "Reopened within 7 days", "%", "%", AREA.source,
        "false_closed", "reopenable",
        "办结后 7 天内再次反映的件数 ÷ 当期办结件数", "Closed cases raised again within 7 days of closing / cases closed",
        *CLOSED, scale=100, decimals=1, direction="lower", target=3, known_by="repeats_recorded",
        words="假办结率、虚假办结率、假闭环、假办结、false closure rate、false closures、reopened rate、reopening rate",
    ),
    Indicator(
        "overdue_open", "petitions", "当期到期未结", "Due and still open", "件", "cases", AREA.source, "overdue_open", None,
        "当期到期、至数据截至时仍未办结的件数", "Due in the period and still open at the data's as-of date",
        *DUE, direction="lower", target=0, comparable=False, known_by="deadlines_recorded",
        words="到期未结、到期未办结、超期未结数、超期未办结数、超期未结件数、number of overdue cases",
    ),
    Indicator(
        "handling_days", "petitions", "平均办理时长", "Mean handling time", "天", "days", AREA.source,
        "handling_hours", "closed",
        "受理到办结的小时数之和 ÷ 24 ÷ 办结件数", "Hours from receipt to closing / 24 / cases closed",
        *CLOSED, counted_in=(HOURS, CASES), scale=1 / 24, decimals=1, direction="lower", target=7, known_by="closing_recorded",
        words=(
            "办得、办理得、办理速度、几天能办完、平均几天、平均多少天、要几天、要多少天、得几天、得多少天、需要几天、需要多少天、平均要几天、平均要多少天、平均需要几天、平均天数、平均几天能办完、办理时长、平均办理天数、办理天数、平均办结时长、办结时长、平均用时、平均几天办结、平均几天办完、几天办结、几天办完、多少天办结、多少天办完、平均处理时长、处理时长、平均耗时、"
            "办理用时、办理时间、办结时间、多久办完、多久办结、多久能办完、多久能办结、多长时间办完、多长时间办结、多长时间能办完、办结要几天、办完要几天、handling time、average handling time、mean handling time、"
            "processing time、handling days、days to close、average days、time to close、closing time、how long to close、how long does it take to close、time to resolve、"
            "how long to resolve、how long does it take to resolve、how long cases take、how long do cases take、how long does a case take"
        ),
    ),
    Indicator(
        "cases_per_10k", "petitions", "万人诉求量", "Cases per 10,000 residents", "件/万人", "per 10k", AREA.source,
        "resident_cases", "residents",
        "当期受理件数 ÷ 常住人口 × 10000；人口不详的镇街两边都不计",
        "Cases received / residents × 10,000; townships of unknown population count on neither side",
        *RECEIVED, scale=10_000, decimals=1, counted_in=(CASES, PEOPLE),
        words=(
            "每万人多少件诉求、每万人多少件、每万人、万人投诉量、每万人诉求量、每万人投诉量、万人件数、万人工单量、人均诉求量、cases per capita、cases per 10,000、cases per 10,000 people、complaints per 10,000、complaints per 10,000 residents、complaints per 10,000 people、cases per 10k、cases per 10000、"
            "complaints per capita"
        ),
    ),
)  # fmt: skip
