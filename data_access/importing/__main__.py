"""Command line: ``python -m data_access.importing TABLE FILE …``. Exit code 0 loaded, 1 refused, 2 usage."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from data_access.database import DatabaseProblem, database_url, engine_for, require_schema
from data_access.importing import ImportResult, import_file
from data_access.importing.mapping import ColumnMapping, read_mapping
from data_access.importing.problems import FileProblem
from data_access.importing.tables import TABLES, ImportTable

_SHOWN = 100


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m data_access.importing",
        description="把 CSV 或 XLSX 文件导入数据库：全部装入，或一行也不装。 Load a CSV or XLSX file, whole or not at all.",
        allow_abbrev=False,
    )
    parser.add_argument("table", metavar="TABLE", choices=TABLES, help="、".join(TABLES))
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--mapping", metavar="FILE.toml", type=Path, help="列映射：[columns]、[defaults]、[formats]")
    parser.add_argument(
        "--default", metavar="field=value", action="append", default=[], help="文件里缺少的值，如 township=某某镇"
    )
    parser.add_argument("--url", help="数据库地址，默认用 DATABASE_URL")
    parser.add_argument("--dry-run", action="store_true", help="只看结果，不写入")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象")
    arguments = parser.parse_args(words)
    names = [field.name for field in TABLES[arguments.table].fields]
    for pair in arguments.default:
        name, sign, _ = pair.partition("=")
        if not sign or name not in names:
            parser.error(f"--default {pair}：应为 字段=值，字段可以是 {'、'.join(names)}")
    return arguments


def _mapping(arguments: argparse.Namespace, table: ImportTable) -> ColumnMapping:
    mapping = read_mapping(arguments.mapping, table) if arguments.mapping else ColumnMapping()
    given = dict(pair.split("=", 1) for pair in arguments.default)
    return replace(mapping, defaults={**mapping.defaults, **given})


def _as_json(result: ImportResult) -> str:
    counts = ("read", "new", "changed", "unchanged", "rejected", "batch")
    shape: dict[str, object] = {name: getattr(result, name) for name in counts}
    shape["ignored"] = result.ignored
    if result.problems:
        shape["problems"] = [
            {"row": problem.row, "column": problem.column, "value": problem.value, "rule": problem.zh}
            for problem in result.problems[:_SHOWN]
        ]
    return json.dumps(shape, ensure_ascii=False)


def _print_result(result: ImportResult, *, dry_run: bool) -> None:
    if result.ignored:
        print(f"没有用到的列：{'、'.join(result.ignored)}。")
    if result.unread:
        print(f"没有读取的工作表：{'、'.join(result.unread)}。")
    if not result.rejected:
        print(f"读取 {result.read} 行：新增 {result.new}，变更 {result.changed}，未变 {result.unchanged}。")
        if dry_run:
            print("这是试运行，没有写入。")
        elif result.batch:
            print(f"已装入，批次 {result.batch}。")
        else:
            print("没有需要写入的内容。")
        return
    for problem in result.problems[:_SHOWN]:
        value = f"“{problem.value}”" if problem.value else ""
        print(f"第 {problem.row} 行 {problem.column}{value}：{problem.zh}。", file=sys.stderr)
    if len(result.problems) > _SHOWN:
        print(f"其余 {len(result.problems) - _SHOWN} 处从略。", file=sys.stderr)
    print(f"读取 {result.read} 行，{result.rejected} 行有问题，什么都没有装入。", file=sys.stderr)


def main(words: list[str]) -> int:
    """Import a file as the words of the command line say; returns the exit code."""
    arguments = _arguments(words)
    table = TABLES[arguments.table]
    try:
        engine = engine_for(arguments.url or database_url())
        require_schema(engine)
        result = import_file(engine, table, arguments.file, _mapping(arguments, table), dry_run=arguments.dry_run)
    except (DatabaseProblem, FileProblem) as problem:
        print(problem.zh, problem.en, sep="\n", file=sys.stderr)
        if arguments.json:
            nothing: dict[str, object] = dict.fromkeys(("read", "new", "changed", "unchanged", "rejected"), 0)
            print(json.dumps(nothing | {"batch": None, "ignored": [], "error": problem.zh}, ensure_ascii=False))
        return 1
    if arguments.json:
        print(_as_json(result))
    else:
        _print_result(result, dry_run=arguments.dry_run)
    return 1 if result.rejected else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
