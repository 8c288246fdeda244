"""The indicators of cameras."""

from __future__ import annotations

from data_access.areas.cameras.area import AREA
from data_access.model.indicator import HOURS, MONTH_END, Indicator

INDICATORS = (
    Indicator(
        "cameras", "cameras", "在网数", "Networked cameras", "个", "cameras", AREA.source, "cameras", None,
        "月末已安装且未拆除的摄像机数", "Cameras installed and not removed at the end of the month",
        *MONTH_END, over_months="last",
        words="摄像头数、摄像机数、监控数、探头数、摄像头数量、摄像机数量、摄像头总数、number of cameras、camera count",
    ),
    Indicator(
        "online_rate", "cameras", "在线率", "Online rate", "%", "%", AREA.source, "hours_up", "hours_due",
        "在线小时数 ÷ 应在线小时数", "Hours up / hours due",
        "在线时间", "hours in the period", scale=100, decimals=2, direction="higher", target=98, known_by="watched",
        words="在线比例、camera online rate、uptime",
    ),
    Indicator(
        "working_rate", "cameras", "完好率", "Working rate", "%", "%", AREA.source, "working", "watched",
        "期末正常工作的摄像机数 ÷ 在网数", "Cameras working at the end of the period / all networked cameras",
        *MONTH_END, scale=100, decimals=1, direction="higher", target=98, over_months="last", known_by="watched",
        words="完好比例、cameras working",
    ),
    Indicator(
        "offline_24h", "cameras", "离线超24小时", "Offline over 24 h", "个", "cameras", AREA.source, "offline_24h", None,
        "期末已连续离线超过 24 小时的摄像机数", "Cameras down for more than 24 hours at the end of the period",
        *MONTH_END, direction="lower", target=0, over_months="last", known_by="watched",
        words=(
            "离线超24小时的摄像头、离线超一天、离线超过一天、离线一天以上、离线超过24小时、离线24小时以上、离线、离线摄像头、掉线摄像头、掉线超24小时、掉线超过24小时、掉线24小时以上、掉线超一天、掉线超过一天、掉线一天以上、"
            "offline over 24 hours、offline for over 24 hours、offline more than 24 hours、offline for more than 24 hours、down for more than 24 hours、down over 24 hours、offline cameras、"
            "cameras offline、cameras down、cameras are down、cameras that are down"
        ),
    ),
    Indicator(
        "outages", "cameras", "故障次数", "Outages", "次", "outages", AREA.source, "outages", None,
        "当期开始的离线次数", "Outages that began in the period",
        "离线开始时间", "start of the outage", direction="lower", known_by="watched",
        words="离线、故障数、离线次数、掉线次数、failures、faults",
    ),
    Indicator(
        "repair_hours", "cameras", "平均修复时长", "Mean repair time", "小时", "hours", AREA.source, "repair_hours", "repairs",
        "当期修复的故障从离线到恢复的小时数之和 ÷ 修复次数", "Hours from failure to recovery / outages ended in the period",
        "修复时间", "end of the outage", counted_in=(HOURS, ("次", "outages")), decimals=1, direction="lower", target=48, known_by="watched",
        words="多久修好、平均多久修好、多久能修好、几小时修好、修复时长、平均修复时间、修复时间、维修时长、修好要多久、平均修复小时、repair time、average repair time、time to repair、how long to repair、how long does it take to repair、how long does it take to fix、how long to fix、average hours to fix、average hours to repair、hours to fix、hours to repair、repair hours",
    ),
    Indicator(
        "village_coverage", "cameras", "村居覆盖率", "Villages covered", "%", "%", AREA.source, "villages_covered", "villages",
        "期末至少有一个正常摄像机的村居数 ÷ 村居总数", "Villages with at least one working camera / all villages",
        *MONTH_END, scale=100, decimals=1, direction="higher", target=100, over_months="last", known_by="watched",
        words="监控覆盖率、村覆盖率、摄像头覆盖率、village coverage、camera coverage",
    ),
)  # fmt: skip

# Only a question about the facts can tell them: no page, no evaluation and no rollup has them.
QUESTIONS = (
    Indicator(
        "off_over_24h", "cameras", "曾离线超24小时", "Was off over 24 h", "个", "cameras", AREA.source, "off_over_24h", None,
        "当期内有一次离线超过 24 小时的摄像机数（只算当期内的时间，每个摄像机计一次）",
        "Cameras with an outage of more than 24 hours within the period, each counted once",
        "离线时间", "hours in the period", direction="lower", over_months="period",
        words="曾离线、曾经离线超24小时、离线过24小时、was offline over 24 hours",
    ),
)  # fmt: skip
