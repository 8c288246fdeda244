"""What can be wrong is told apart by codes, and worded only where it is shown."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path
from string import Formatter

import pytest

import data_access
from data_access.problems import Broken, Rule, in_common

ROOT = Path(__file__).resolve().parent.parent


def declared() -> list[Rule]:
    found: dict[int, Rule] = {}
    for module in pkgutil.walk_packages(data_access.__path__, "data_access."):
        if "__main__" not in module.name and "migrations" not in module.name:
            loaded = importlib.import_module(module.name)
            found |= {id(one): one for one in vars(loaded).values() if isinstance(one, Rule)}
    return list(found.values())


RULES = declared()


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_rules_are_told_apart_by_their_codes() -> None:
    assert len(RULES) > 25
    assert len({rule.code for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_says_the_same_in_both_languages(rule: Rule) -> None:
    assert places(rule.zh) == places(rule.en)
    fault = rule.broken(**dict.fromkeys(places(rule.zh), ("甲", "乙")))
    if places(rule.zh):
        assert "甲、乙" in fault.zh
        assert "甲, 乙" in fault.en


def _trees() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8"))
        for folder in ("data_access", "ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
    }


def test_what_stands_in_a_rule_is_given_where_it_is_broken() -> None:
    """By name: each ``RULE.broken(…)`` gives its places and no others."""
    by_name: dict[str, Rule] = {}
    for module in pkgutil.walk_packages(data_access.__path__, "data_access."):
        if "__main__" not in module.name and "migrations" not in module.name:
            loaded = vars(importlib.import_module(module.name))
            by_name |= {name: one for name, one in loaded.items() if isinstance(one, Rule)}
    seen = 0
    for path, tree in _trees().items():
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "broken"):
                continue
            if not isinstance(call.func.value, ast.Name) or any(word.arg is None for word in call.keywords):
                continue
            rule = by_name.get(call.func.value.id)
            if rule is not None:
                seen += 1
                assert {word.arg for word in call.keywords} == places(rule.zh), (path, call.lineno)
    assert seen > 20


def test_nothing_looks_into_what_is_said() -> None:
    """No comparison with, and no search in, the sentences of a problem."""
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            looked_at: list[ast.expr] = []
            if isinstance(node, ast.Compare):
                looked_at = [node.left, *node.comparators]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in {"startswith", "endswith", "find", "index", "split", "partition", "replace"}:
                    looked_at = [node.func.value]
                elif isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
                    looked_at = node.args
            for one in looked_at:
                is_sentence = isinstance(one, ast.Attribute) and one.attr in {"zh", "en"}
                of_problem = is_sentence and isinstance(one.value, ast.Name) and "problem" in one.value.id  # type: ignore[attr-defined]
                of_fault = is_sentence and ast.unparse(one.value).endswith(("fault", "problem"))  # type: ignore[attr-defined]
                assert not (of_problem or of_fault), (path, node.lineno)


def test_what_faults_have_in_common() -> None:
    rule = Rule("x", "早于 {field}（{start}）", "is before {field} ({start})")
    faults = [rule.broken(field="受理时间", start=start) for start in ("1 日", "2 日")]
    assert in_common(faults).zh == "早于 受理时间（…）"
    assert in_common(faults[:1]) == Broken(rule, faults[0].places)
