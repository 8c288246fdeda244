"""Command line: ``python -m data_access.places.boundary_files load FILE --system CODE``, ``systems``, ``files``, ``withdraw NUMBER``.

Exit code 0 done, 1 refused, 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.database import database_url, engine_for, provide_schema
from data_access.places.boundary_files.checking import check
from data_access.places.boundary_files.known_points import known_points
from data_access.places.boundary_files.layers import BoundaryProblem, Layer
from data_access.places.boundary_files.loading import (
    areas_in,
    boundary_files,
    keep_boundaries,
    known_outlines,
    withdraw_boundaries,
)
from data_access.places.boundary_files.reading import read_layers
from data_access.places.coordinates import SYSTEMS
from data_access.problems import Problem

_KINDS = {"refused": "退回：", "doubtful": "注意：", "told": ""}


def main(words: Sequence[str]) -> int:
    """Do as the words of the command line say; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m data_access.places.boundary_files",
        description="装入、列出、撤回边界。 Load, list and withdraw boundaries.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, dest="command")
    load = commands.add_parser("load", help="装入 load")
    load.add_argument("file", metavar="FILE", type=Path)
    load.add_argument(
        "--system", choices=SYSTEMS, metavar="CODE", help="坐标系，文件没有写明时 where the file does not say"
    )
    load.add_argument("--level", choices=("township", "village"), help="默认按内容认 default: by what it has")
    load.add_argument("--layer", help="几个图层中的哪一个 which of several layers")
    load.add_argument("--dry-run", action="store_true", help="只检查 check alone")
    load.add_argument("--yes", action="store_true", help="有“注意”时也装入 load in spite of doubts")
    commands.add_parser("systems", help="坐标系的写法 how systems are written")
    commands.add_parser("files", help="装过的文件 files loaded")
    withdraw = commands.add_parser("withdraw", help="撤回 withdraw")
    withdraw.add_argument("number", type=int)
    for one in (load, commands.choices["files"], withdraw):
        one.add_argument("--url", help="数据库地址 database address")
    given = parser.parse_args(words)
    if given.command == "systems":
        for system in SYSTEMS.values():
            print(f"{system.code:12} {system.zh}  {system.en}")
        return 0
    try:
        engine = engine_for(given.url or database_url())
        provide_schema(engine)
        match given.command:
            case "load":
                return _load(engine, given)
            case "files":
                _list(engine)
            case "withdraw":
                if withdraw_boundaries(engine, UNRESTRICTED, given.number) is None:
                    raise BoundaryProblem(f"没有第 {given.number} 份文件。", f"There is no file {given.number}.")
                print("已撤回。 Withdrawn.")
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _load(engine: Engine, given: argparse.Namespace) -> int:
    layer = _layer(read_layers(given.file), given.layer)
    with engine.connect() as connection:
        areas = areas_in(connection, UNRESTRICTED, layer, given.level)
        known = known_outlines(connection, UNRESTRICTED)
        points = known_points(connection, UNRESTRICTED)
    system = SYSTEMS[given.system] if given.system else areas.declared
    if system is None or system not in areas.systems:
        for finding in areas.findings:
            print(f"{_KINDS[finding.kind]}{finding.zh} {finding.en}")
        codes = "、".join(f'"{one.code}"' for one in areas.systems)
        raise BoundaryProblem(
            f"请用 --system 写明坐标系；按坐标数字可能是：{codes}。",
            f"Say the coordinate system by --system; the numbers can be: {codes}.",
        )
    checked = check(areas, system, known, points)
    for finding in checked.findings:
        print(f"{_KINDS[finding.kind]}{finding.zh} {finding.en}")
    if checked.is_refused:
        return 1
    if given.dry_run:
        print("这是试运行，没有写入。 Checked alone; nothing was written.")
        return 0
    if any(one.kind == "doubtful" for one in checked.findings) and not given.yes:
        raise BoundaryProblem(
            "有要注意的，没有装入；看过没有问题，加 --yes。",
            "There are doubts, and nothing was loaded; add --yes where they are none.",
        )
    keep_boundaries(engine, UNRESTRICTED, checked, given.file.name)
    print(f"已装入 {len(checked.outlines)} 个边界。 Loaded {len(checked.outlines)} boundaries.")
    return 0


def _layer(layers: Sequence[Layer], name: str | None) -> Layer:
    found = [one for one in layers if name in (None, one.name)]
    if len(found) != 1:
        names = "、".join(one.name for one in layers)
        raise BoundaryProblem(f"请用 --layer 写明图层：{names}。", f"Say the layer by --layer: {names}.")
    return found[0]


def _list(engine: Engine) -> None:
    with engine.connect() as connection:
        for one in boundary_files(connection, UNRESTRICTED):
            counted = f"镇街 {one.townships} 村居 {one.villages}"
            print(f"{one.number}  {one.name}  {one.system}  {counted}  {one.loaded_at:%Y-%m-%d %H:%M} {one.loaded_by}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
