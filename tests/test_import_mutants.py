"""Workbooks with damaged parts and texts with broken bytes: read or refused, each check in under 600 MB.

Each is checked in a process of its own, whose memory is measured. ``python -m tests.test_import_mutants COUNT`` makes more.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, insert, select

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.importing import import_file
from data_access.importing.problems import FileProblem
from data_access.places.tables import township
from tests.counties import empty_file
from tests.files import HEADER, share_strings, workbook

ROOT = Path(__file__).resolve().parent.parent
MOST_MEMORY = 600 << 20
ROWS = [(f"A{number}", "钢山街道", f"2023-05-{number:02d}", "路灯不亮，请修。" * 3) for number in range(1, 29)]
SHEET, STYLES, STRINGS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"
BOOK, LINKS, KINDS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
NUMBERS = [
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-320",
    "NaN",
    "inf",
    "2958466",
    "45160.99999999",
    "99999999999999999999",
    "2023-02-30T25:61:61",
    "x",
    "１２",
]

Parts = dict[str, bytes]


def good_parts(folder: Path) -> Parts:
    path = workbook(folder / "good.xlsx", (*HEADER, "诉求内容"), *ROWS)
    share_strings(path)
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


# --- What is done to a workbook -----------------------------------------------------------------------


def _tag(content: bytes, chance: random.Random) -> tuple[int, int]:
    """Where some tag begins and ends."""
    tags = list(re.finditer(rb"<[^<>]*>", content))
    return chance.choice(tags).span() if tags else (0, len(content))


def damaged_xml(parts: Parts, chance: random.Random) -> None:
    """A tag of some part is lost, doubled, renamed, closed twice or nested a thousand times."""
    name = chance.choice(list(parts))
    content = parts[name]
    begin, end = _tag(content, chance)
    tag = content[begin:end]
    changed = chance.choice(
        (
            b"",
            tag * 2,
            tag.replace(b"<", b"<x:"),
            tag.swapcase(),
            tag * 1000,
            tag[:-1],
            b"<![CDATA[" + tag,
            b"<!--" + tag,
        )
    )
    parts[name] = content[:begin] + changed + content[end:]


def damaged_attributes(parts: Parts, chance: random.Random) -> None:
    """Attributes of some part have values that are not meant."""
    name = chance.choice(list(parts))
    given = (*map(str.encode, NUMBERS), b"", b"&#0;", b"&undefined;", b"\xff\xfe", b"x" * 9000, b"XFE1048577", b"true")

    def changed(match: re.Match[bytes]) -> bytes:
        return match[1] + chance.choice(given) + b'"' if chance.random() < 0.1 else match[0]

    parts[name] = re.sub(rb'(="?)[^"<>]*"', changed, parts[name])


def damaged_styles(parts: Parts, chance: random.Random) -> None:
    """Formats that are no dates or too many, and cells with styles that are not there."""
    forms = ("yyyy" * 50, "[h]:mm:ss.0000", "[$-x]@", '"', ";;;;;;", "General\\", "[<0]d;[>1]m", "0" * 5000)
    listed = "".join(f"<numFmt numFmtId='{n}' formatCode='{chance.choice(forms)}'/>" for n in range(160, 190))
    xfs = "".join(f"<xf numFmtId='{chance.choice((*range(160, 190), -1, 14, 22, 99999))}'/>" for _ in range(40))
    styles = parts[STYLES].replace(b"<fonts", f"<numFmts>{listed}</numFmts><fonts".encode(), 1)
    parts[STYLES] = styles.replace(b"</cellXfs>", xfs.encode() + b"</cellXfs>")
    parts[SHEET] = re.sub(rb"<c ", lambda _: b'<c s="%d" ' % chance.randint(-2, 60), parts[SHEET])


def damaged_dates(parts: Parts, chance: random.Random) -> None:
    """Times that are none, in cells of every kind, counted from one year or the other."""

    def changed(match: re.Match[bytes]) -> bytes:
        if chance.random() < 0.6:
            return match[0]
        kind = chance.choice(("n", "d", "b", "e", "str", "s", "inlineStr", "z"))
        return f'<c s="{chance.choice((0, 1))}" t="{kind}"><v>{chance.choice(NUMBERS)}</v></c>'.encode()

    parts[SHEET] = re.sub(rb"<c [^<>]*>.*?</c>", changed, parts[SHEET])
    parts[STYLES] = parts[STYLES].replace(b"</cellXfs>", b"<xf numFmtId='22' applyNumberFormat='1'/></cellXfs>")
    if chance.random() < 0.5:
        parts[BOOK] = re.sub(rb"<workbookPr[^<>]*/>", b'<workbookPr date1904="1"/>', parts[BOOK])


def damaged_links(parts: Parts, chance: random.Random) -> None:
    """Relations that lead nowhere, in circles, out of the archive or to another kind of part, or are there twice."""
    name = chance.choice([name for name in parts if name.endswith(".rels") or name == KINDS])
    targets = [f"/{part}" for part in parts] + [
        "",
        "/",
        "../../../etc/passwd",
        "http://x.example/y",
        "a" * 5000,
        ".",
        "#",
    ]

    def changed(match: re.Match[bytes]) -> bytes:
        if chance.random() < 0.6:
            return match[0]
        mode = b' TargetMode="External"' if chance.random() < 0.3 else b""
        return match[1] + chance.choice(targets).encode() + b'"' + mode

    content = re.sub(rb'((?:Target|PartName)=")[^"]*"', changed, parts[name])
    if chance.random() < 0.3:
        content = content.replace(b"<Relationship ", b"<Relationship Id='rId1' Type='x' Target='y'/><Relationship ", 1)
    parts[name] = content


def damaged_texts(parts: Parts, chance: random.Random) -> None:
    """Shared texts that are lost, doubled or formatted without end, and cells that name others than there are."""
    texts = re.findall(rb"<x:si>.*?</x:si>", parts[STRINGS], re.DOTALL)
    chance.shuffle(texts)
    kept = texts[: chance.randint(0, len(texts))]
    kept += [chance.choice((b"<x:si/>", b"<x:si><x:r/></x:si>", b"<x:si><x:t>&#55357;</x:t></x:si>")) * 50]
    head, tail = parts[STRINGS].split(b"<x:si>", 1)[0], b"</x:sst>"
    parts[STRINGS] = head + b"".join(kept) + tail
    if chance.random() < 0.3:
        wrong = chance.choice((b"-1", b"99999999999", b"1e3", b"", b" 1 "))
        parts[SHEET] = re.sub(rb"<v>\d+</v>", b"<v>" + wrong + b"</v>", parts[SHEET], count=3)


WORKBOOKS: tuple[Callable[[Parts, random.Random], None], ...] = (
    damaged_xml,
    damaged_attributes,
    damaged_styles,
    damaged_dates,
    damaged_links,
    damaged_texts,
)


# --- What is done to a text -----------------------------------------------------------------------------


def broken_text(good: str, encoding: str, chance: random.Random) -> bytes:
    """The text in its encoding, with halves of characters, other encodings, marks and quotes in between."""
    content = bytearray(good.encode(encoding))
    strange = (
        b"\x81",
        b"\xff",
        b"\xff\xfe",
        b"\xd8\x00",
        b"\x00\xd8",
        b"\x00",
        b"\x81\x30\x81",
        b'"',
        b'""',
        b"\r",
        b"\x1a",
    )
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(content) + 1)
        match chance.randrange(4):
            case 0:
                content[at:at] = chance.choice(strange)
            case 1:
                del content[at : at + chance.choice((1, 3))]
            case 2:
                content[at:at] = "路灯".encode(chance.choice(("utf-8", "gb18030", "utf-16-be")))
            case _:
                del content[at:]
    return bytes(content)


def mutants(folder: Path, count: int) -> Iterator[Path]:
    """So many damaged files; each is there until the next is asked for."""
    chance = random.Random(20261126)  # noqa: S311 not a secret
    parts = good_parts(folder)
    text = "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in ((*HEADER, "诉求内容"), *ROWS))
    for number in range(count):
        if number % 3:
            change = WORKBOOKS[(number // 3 * 2 + number % 3) % len(WORKBOOKS)]
            path = folder / f"{number} {change.__name__}.xlsx"
            changed = dict(parts)
            change(changed, chance)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
                for name, content in changed.items():
                    target.writestr(name, content)
        else:
            encoding = chance.choice(("gb18030", "utf-16", "utf-16-le", "utf-16-be"))
            path = folder / f"{number} {encoding}.csv"
            path.write_bytes(broken_text(text, encoding, chance))
        yield path
        path.unlink()


# --- Files that are small and would fill the memory -------------------------------------------------------


def bombs(folder: Path) -> Iterator[Path]:
    """Parts of millions of elements, texts that unpack a thousandfold, rows as long as may be."""
    parts = good_parts(folder)

    def with_part(name: str, part: str, pieces: Iterator[bytes]) -> Path:
        path = folder / f"{name}.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for other, content in parts.items():
                if other != part:
                    target.writestr(other, content)
            with target.open(part, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
        return path

    def repeated(part: str, before: bytes, what: bytes) -> Iterator[bytes]:
        head, tail = parts[part].split(before, 1)
        yield head + what * ((19 << 20) // len(what)) + before + tail

    def texts(one: bytes, size: int) -> Iterator[bytes]:
        yield b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        for _ in range(size // len(one)):
            yield one
        yield b"</sst>"

    sheet = b'<sheet name="a" sheetId="9" r:id="rId1" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
    yield with_part("formats", STYLES, repeated(STYLES, b"</cellXfs>", b"<xf/>"))
    yield with_part("fonts", STYLES, repeated(STYLES, b"</fonts>", b"<font/>"))
    yield with_part("sheets", BOOK, repeated(BOOK, b"</sheets>", sheet))
    yield with_part("links", LINKS, repeated(LINKS, b"</Relationships>", b'<Relationship Id="a" Type="b" Target="c"/>'))
    yield with_part("kinds", KINDS, repeated(KINDS, b"</Types>", b'<Override PartName="/a" ContentType="b"/>'))
    long = "a" * 900_000 + "😀"
    yield with_part("gigabytes of texts", STRINGS, texts(f"<si><t>{long}</t></si>".encode(), 2 << 30))
    yield with_part("texts with one rare character each", STRINGS, texts(f"<si><t>{long}</t></si>".encode(), 95 << 20))
    yield with_part("formatted texts", STRINGS, texts(b"<si>" + b"<r/>" * 90_000 + b"</si>", 95 << 20))
    # The texts lie in a part of another name.
    names = {part: parts[part].replace(b"/xl/sharedStrings.xml", b"/xl/media/s.png") for part in (LINKS, KINDS)}
    shared, parts = parts, {name: content for name, content in (parts | names).items() if name != STRINGS}
    yield with_part("texts elsewhere", "xl/media/s.png", texts(b"<si>" + b"<r/>" * 90_000 + b"</si>", 95 << 20))
    parts = shared
    path = folder / "long rows.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("编号,镇街,受理时间,诉求内容\n")
        for number in range(120):
            file.write(f"A{number},钢山街道,2023-05-01,{long}\n")
    yield path


# --- The process that checks them --------------------------------------------------------------------------


_READ, _REFUSED, _MORE_THAN_A_SENTENCE, _OTHER_ERROR = range(4)


def _outcome(path: Path, engine: Engine) -> int:
    try:
        import_file(engine, PETITIONS, path, dry_run=True, by=UNRESTRICTED)
    except FileProblem as problem:
        return _MORE_THAN_A_SENTENCE if "\n" in problem.zh + problem.en else _REFUSED
    except Exception:  # noqa: BLE001 what else there is, is what is looked for
        return _OTHER_ERROR
    return _READ


def check(paths: Iterator[Path], folder: Path) -> dict[str, object]:
    """Check each in a process of its own: how many of each kind were read and refused, what else, and the most memory."""
    engine = empty_file(folder / "county.sqlite")
    with engine.begin() as connection:
        connection.execute(insert(township).values(code="100000001", name="钢山街道", kind="街道"))
    counts: Counter[str] = Counter()
    wrong, memory = [], 0
    for path in paths:
        child = os.fork()
        if not child:
            os._exit(_outcome(path, engine))
        _, status, usage = os.wait4(child, 0)
        memory = max(memory, usage.ru_maxrss * 1024)
        code = os.waitstatus_to_exitcode(status)
        if code in (_READ, _REFUSED):
            counts[f"{path.stem.split(' ', 1)[-1]} {'read' if code == _READ else 'refused'}"] += 1
        else:
            wrong.append(f"{path.name}: {code}")
    with engine.connect() as connection:
        written = connection.scalar(select(func.count()).select_from(petition))
    return {"counts": counts, "wrong": wrong, "written": written, "memory": memory}


def checked(words: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.test_import_mutants", words],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_mutants_are_read_or_refused_in_little_memory() -> None:
    found = checked("200")
    assert found["wrong"] == []
    assert found["written"] == 0
    assert int(str(found["memory"])) < MOST_MEMORY
    assert isinstance(found["counts"], dict)
    for kind in (*(change.__name__ for change in WORKBOOKS), "gb18030", "utf-16"):
        assert found["counts"].get(f"{kind} read", 0) + found["counts"].get(f"{kind} refused", 0) > 5, kind


def test_small_files_do_not_fill_the_memory() -> None:
    found = checked("bombs")
    assert (found["wrong"], found["written"]) == ([], 0)
    assert int(str(found["memory"])) < MOST_MEMORY
    assert isinstance(found["counts"], dict)
    assert {name for name in found["counts"] if name.endswith(" read")} <= {
        "with one rare character each read",
        "rows read",
    }


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        made = bombs(Path(place)) if sys.argv[1] == "bombs" else mutants(Path(place), int(sys.argv[1]))
        sys.stdout.write(json.dumps(check(made, Path(place)), ensure_ascii=False))
