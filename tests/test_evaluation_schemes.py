"""Schemes are read whole or refused with the line at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_access.evaluation.schemes import SHIPPED, SchemeProblem, load_schemes, read_scheme, scheme_in, written

GOOD = """\
name = "两项"
series = "two"
from = "2023-01"
to = "2023-06"

[leagues]
"城区" = ["街道"]
"乡村" = ["镇", "370883100"]

[[criteria]]
indicator = "on_time_rate"
weight = 60
rule = "deduct"
target = 100

[[criteria]]
indicator = "satisfaction_rate"
weight = 40
rule = "attain"
where = { channel = "信访" }
"""


def write(folder: Path, text: str, name: str = "two.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_scheme_is_read(tmp_path: Path) -> None:
    scheme = read_scheme(write(tmp_path, GOOD))
    assert (scheme.zh, scheme.series, scheme.first, scheme.last) == ("两项", "two", "2023-01", "2023-06")
    assert [(one.key, one.weight, one.rule, one.target) for one in scheme.criteria] == [
        ("on_time_rate", 60.0, "deduct", 100.0),
        ("satisfaction_rate channel=信访", 40.0, "attain", 92.0),
    ]
    assert scheme.league_of("370883001", "街道") == "城区"
    assert scheme.league_of("370883100", "乡") == "乡村"
    assert scheme.league_of("370883101", "乡") is None
    assert scheme.is_valid_in("2023-06")
    assert not scheme.is_valid_in("2023-07")


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ('"on_time_rate"', '"on_tme_rate"', 11, "on_tme_rate"),
        ("weight = 40", "weight = 30", 18, "90"),
        ('"attain"', '"best"', 19, "best"),
        ('"2023-01"', '"2023-13"', 3, "from"),
        ('"2023-06"', '"2022-06"', 4, "止月"),
        ("weight = 60", 'weight = "60"', 12, "weight"),
        ("target = 100", "aim = 100", 14, "aim"),
        ("channel", "street", 20, "channel"),
        ('"satisfaction_rate"', '"online_rate"', 20, "诉求"),
        ('"on_time_rate"', '"received"', 11, "方向"),
        ('["街道"]', '"街道"', 6, "分组"),
        ("weight = 60", "weight = ", 12, "TOML"),
    ],
)
def test_a_fault_is_named_with_its_line(old: str, new: str, line: int, word: str, tmp_path: Path) -> None:
    with pytest.raises(SchemeProblem) as raised:
        read_scheme(write(tmp_path, GOOD.replace(old, new, 1)))
    assert "two.toml" in raised.value.zh
    assert f"第 {line} 行" in raised.value.zh or f"line {line}," in raised.value.zh
    assert word in raised.value.zh


def test_the_same_indicator_twice_is_refused(tmp_path: Path) -> None:
    doubled = GOOD.replace('"satisfaction_rate"', '"on_time_rate"').replace('where = { channel = "信访" }\n', "")
    with pytest.raises(SchemeProblem, match="两次"):
        read_scheme(write(tmp_path, doubled))


def test_overlapping_months_of_a_series_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_SCHEMES", str(tmp_path))
    write(tmp_path, GOOD)
    later = GOOD.replace("2023-01", "2023-07").replace("2023-06", "2023-12")
    write(tmp_path, later, "two_later.toml")
    assert {"two", "two_later"} <= {scheme.id for scheme in load_schemes()}
    write(tmp_path, later.replace("2023-07", "2023-06"), "two_later.toml")
    with pytest.raises(SchemeProblem, match=r"第 3 行.*two\.toml"):
        load_schemes()


def test_a_countys_scheme_replaces_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_SCHEMES", str(tmp_path / "none"))
    assert {scheme.id for scheme in load_schemes()} == {path.stem for path in SHIPPED.glob("*.toml")}
    monkeypatch.setenv("EVALUATION_SCHEMES", str(tmp_path))
    write(tmp_path, GOOD.replace("series", "# series"), "three_rates.toml")
    assert [scheme.zh for scheme in load_schemes() if scheme.id == "three_rates"] == ["两项"]


def test_the_shipped_schemes_have_the_published_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_SCHEMES", str(tmp_path))
    weights = {scheme.id: [one.weight for one in scheme.criteria] for scheme in load_schemes()}
    assert weights["three_rates"] == [30, 35, 35]
    assert weights["four_parts"] == [25, 25, 25, 25]
    assert sum(weights["all_areas"]) == 100


def test_a_scheme_is_written_as_it_is_read(tmp_path: Path) -> None:
    for scheme in (read_scheme(write(tmp_path, GOOD)), *load_schemes()):
        assert scheme_in(scheme.id, written(scheme)) == scheme


def test_a_form_is_told_the_criterion_at_fault_and_no_key(tmp_path: Path) -> None:
    for old, new, words in (
        ("weight = 40", "weight = 30", "权重合计 90，应为 100"),
        ("weight = 40", 'weight = ""', "第 2 项：“权重”要写成"),
        ('where = { channel = "信访" }', "where = { x = 1 }", "第 2 项：“只算渠道”"),
        ('"attain"', '""', "第 2 项：请选指标和计分办法"),
        ('name = "两项"', "", "请写方案的名称"),
        ('"2023-01"', '"2023-13"', "“从哪个月起”要写成"),
    ):
        with pytest.raises(SchemeProblem) as raised:
            scheme_in("two", GOOD.replace(old, new, 1), is_form=True)
        assert raised.value.zh.startswith(words)
        assert "toml" not in raised.value.zh
