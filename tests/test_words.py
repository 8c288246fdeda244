"""Data in words: what somebody else wrote is never taken for Markdown, nor for the HTML of a figure."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_access.indicators import INDICATORS
from ui import charts
from ui.text import plain

ROOT = Path(__file__).resolve().parent.parent

# Calls of Streamlit whose first words are Markdown
_WORDED = frozenset(
    [
        "markdown",
        "caption",
        "info",
        "warning",
        "error",
        "success",
        "title",
        "header",
        "subheader",
        "badge",
        "button",
        "download_button",
        "link_button",
        "form_submit_button",
        "page_link",
        "checkbox",
        "toggle",
        "radio",
        "selectbox",
        "multiselect",
        "segmented_control",
        "pills",
        "text_input",
        "text_area",
        "number_input",
        "date_input",
        "file_uploader",
        "slider",
        "expander",
        "popover",
        "tabs",
        "metric",
        "status",
        "toast",
        "spinner",
        "dialog",
        "table",
        "progress",
    ]
)
_MARKDOWN_KEYWORDS = frozenset({"label", "body", "help", "title", "text", "delta"})
# Of these, the options are Markdown, too.
_OPTIONS = frozenset({"segmented_control", "pills", "radio"})
# Words and numbers that have nothing of the data in them
_OWN_WORDS = frozenset(
    [
        "number",
        "signed",
        "money",
        "share",
        "absence",
        "month_name",
        "weekday_name",
        "period",
        "period_to",
        "months_left_out",
        "under",
        "without_place",
    ]
)


def _sources() -> list[Path]:
    return [ROOT / "dashboard.py", *sorted((ROOT / "ui").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))]


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


class _Words:
    """What the words of one file are made of; ``makers``: the functions anywhere that return Markdown."""

    def __init__(self, tree: ast.AST, makers: frozenset[str]) -> None:
        self._makers = makers
        self._functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        self._tree = tree

    def _scope(self, node: ast.expr) -> ast.AST:
        line = node.lineno
        around = [one for one in self._functions if one.lineno <= line <= (one.end_lineno or line)]
        return max(around, key=lambda one: one.lineno) if around else self._tree

    def _assigned(self, name: ast.Name) -> list[ast.expr]:
        return [
            node.value
            for node in ast.walk(self._scope(name))
            if (
                isinstance(node, ast.Assign)
                and any(isinstance(to, ast.Name) and to.id == name.id for to in node.targets)
            )
            or (isinstance(node, ast.AnnAssign | ast.AugAssign) and getattr(node.target, "id", "") == name.id)
            if node.value is not None
        ]

    def are_safe(self, node: ast.expr | None, seen: frozenset[str] = frozenset()) -> bool:
        """Whether nothing of the data is in these words but through ``plain``."""
        match node:
            case None | ast.Constant():
                return True
            case ast.JoinedStr(values=parts):
                return all(self.are_safe(part, seen) for part in parts)
            case ast.FormattedValue(value=value, format_spec=spec):
                return spec is not None or self.are_safe(value, seen)
            case ast.IfExp(body=body, orelse=other):
                return self.are_safe(body, seen) and self.are_safe(other, seen)
            case ast.Dict(values=values) | ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
                return all(self.are_safe(value, seen) for value in values)
            case ast.BinOp(left=left, right=right):
                return self.are_safe(left, seen) and self.are_safe(right, seen)
            case ast.GeneratorExp(elt=elt) | ast.ListComp(elt=elt) | ast.Lambda(body=elt):
                return self.are_safe(elt, seen)
            case ast.Name(id=name):
                if name in self._makers or name.isupper():
                    return True
                values = self._assigned(node)
                return name in seen or bool(values and all(self.are_safe(value, seen | {name}) for value in values))
            case ast.Attribute(value=ast.Name(id=module), attr=attr):
                return attr.isupper() or (module == "text" and attr in self._makers | _OWN_WORDS)
            case ast.Subscript(value=ast.Name() as whole):
                return self.are_safe(whole, seen)
            case ast.Call():
                called = _called(node)
                if called in {"plain", "len", "int"} | _OWN_WORDS | self._makers:
                    return True
                return called in {"say", "join"} and all(self.are_safe(arg, seen) for arg in node.args)
        return False


def _markdown_of(node: ast.Call) -> Iterator[ast.expr]:
    called = _called(node)
    # Documents have tables, addresses and files are written, too, and the first of a link's words is its page.
    if ast.unparse(node.func) in ("document.table", "address.write", "file.write"):
        return
    if called in _WORDED - {"page_link"}:
        first, last = {"progress": (1, 2), "metric": (0, 3)}.get(called, (0, 1))
        yield from node.args[first:last]
    if called in _WORDED or called.endswith("Column"):
        yield from (word.value for word in node.keywords if word.arg in _MARKDOWN_KEYWORDS)
    if called in _OPTIONS:
        formats = [word.value for word in node.keywords if word.arg == "format_func"]
        yield from formats or node.args[1:2]


def test_data_enter_markdown_through_plain_only() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in _sources()}
    makers = frozenset(
        node.name
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Markdown"
    )
    open_ends = [
        f"{path.relative_to(ROOT)}:{words.lineno}: {ast.unparse(words)[:120]}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for words in _markdown_of(node)
        if not _Words(tree, makers).are_safe(words)
    ]
    assert open_ends == []


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("2023-08-31：12:30 共 3 件，DATABASE_URL (50%)", "2023-08-31：12:30 共 3 件，DATABASE_URL (50%)"),
        ("![a](http://h/x)", "!\\[a\\](http\u2060://h/x)"),
        ("www.h.cn a@h.cn", "www\u2060.h.cn a@\u2060h.cn"),
        ("# a\n\n- b", "\\# a - b"),
        ("12. a", "12\\. a"),
        (":material/home: :smile:", ":\u2060material/home: :\u2060smile:"),
        (":red[a] <b> &lt; $x$ `c` _d_", "\\:red\\[a\\] \\<b> \\&lt; \\$x\\$ \\`c\\` \\_d\\_"),
        ("\u202ea\u2066\x07b", "a b"),
    ],
)
def test_words_are_written_so_that_they_are_read_as_they_stand(words: str, written: str) -> None:
    assert plain(words) == written


def test_names_in_figures_are_no_html() -> None:
    names = ["<a href='http://h'>链", "R&D", "<svg onload=alert(1)>", "&lt;b&gt;"]
    values = [1.0, 2.0, 3.0, 4.0]
    told = {"texts": names, "hovers": [f"<b>{name}</b><br>1" for name in names], "keys": names}
    drawn = [
        charts.ranking(names, values, INDICATORS["received"], axis="件", target_label=None, then=values, **told),  # type: ignore[arg-type]
        charts.shares(names, values, axis=names[0], texts=names, keys=names),
        charts.lines(["1", "2"], [(name, values[:2], charts.BLUE, "solid") for name in names], axis=names[2]),
        charts.distribution(
            values, values, axis="", amount_axis=names[0], marks=[(1.0, names[0])], last_label=names[2]
        ),
    ]
    for figure in drawn:
        for trace in figure["data"]:
            # What a click gives back is the name itself.
            assert trace.pop("customdata", names) in (names, values)
        written = json.dumps(figure, ensure_ascii=False)
        assert "&lt;" in written
        assert re.findall(r"<(?!/?b>|br>|/?extra>)|&(?!lt;|amp;)", written) == []


# --- Signs of the other language --------------------------------------------------------------------

_CHINESE_SIGNS = re.compile("[：；，、（）｜]")
# What is read rather than written, or written in Chinese alone
_READS_SIGNS = frozenset({"split", "replace", "partition", "sub", "compile"})
_CHINESE_ALONE = ("ui/bulletin/", "ui/files/official_document.py")


def _fixed_words(node: ast.AST) -> str:
    match node:
        case ast.JoinedStr(values=parts):
            return "".join(
                part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
        case ast.Constant(value=str(words)):
            return words
        case _:
            return ""


def _signs_for_both(node: ast.AST, *, is_told: bool = False) -> Iterator[int]:
    """Lines of Chinese signs among what both languages share. ``is_told``: within what is said in one of them."""
    words = _fixed_words(node)
    is_shared = isinstance(node, ast.expr) and not is_told
    if is_shared and _CHINESE_SIGNS.search(words) and not re.search("[\u4e00-\u9fff]", words):
        yield node.lineno
    # A pair of texts, or what problems, ``say`` and the like take of each
    is_pair = isinstance(node, ast.Tuple) and len(node.elts) == 2
    told = isinstance(node, ast.Call) and (
        _called(node) == "say" or _called(node).endswith("Problem") or _called(node) in _READS_SIGNS
    )
    for child in ast.iter_child_nodes(node):
        yield from _signs_for_both(child, is_told=is_told or is_pair or told or isinstance(node, ast.JoinedStr))


def test_english_has_no_signs_of_chinese() -> None:
    """What both languages share has none: a name and what is told of it go through ``named``, lists through ``listed``."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in _sources()
        if not path.relative_to(ROOT).as_posix().startswith(_CHINESE_ALONE)
        for line in _signs_for_both(ast.parse(path.read_text("utf-8")))
    ]
    # Conditions of a scheme are written as they are read.
    assert [one for one in found if not one.startswith("ui/settings/schemes.py")] == []
