"""Command line: ``python -m data_access.importing TABLE FILE …``, ``undo``, ``batches`` and ``template``.

Exit code 0 done, 1 refused or rows rejected, 2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.background import Progress
from data_access.database import DatabaseProblem, database_url, engine_for, provide_schema
from data_access.importing import Cancelled, ImportResult, import_file
from data_access.importing.checks import EQUAL_ROW, ORDER_HINT, TOO_LONG
from data_access.importing.costs import costs
from data_access.importing.left_out import left_out_sentence
from data_access.importing.mapping import NUMBERED, ColumnMapping, Plan, read_mapping
from data_access.importing.problems import FileProblem
from data_access.importing.saved_mappings import saved_mapping
from data_access.importing.tables import TABLES
from data_access.importing.undo import batches, undo
from data_access.importing.unforeseen import Unforeseen, log_place
from data_access.importing.words import UnknownWord, as_mapping
from data_access.importing.workbooks import write_template
from data_access.model.import_table import ImportTable

_PROGRAM = "python -m data_access.importing"
_SHOWN = 100
_SHOWN_WORDS = 30
# What a mapping says about rules that rows break
_HINTS = {
    "date-order": ORDER_HINT,
    "money-unit": '[formats]\nbudget_yuan = "万元"    # 金额列的单位',
}
# Seconds between two lines of progress
_REDRAWN = 0.2


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="把文件导入数据库：全部装入，或一行也不装。 Load a file into the database, whole or not at all.",
        epilog=f"{_PROGRAM} undo BATCH [--url URL] 撤销一批；batches [--url URL] [--json] 列出各批；"
        "template TABLE OUT.xlsx 生成模板。 Undo a batch, list batches, write a template.",
        allow_abbrev=False,
    )
    parser.add_argument("table", metavar="TABLE", choices=TABLES, help="、".join(TABLES))
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--mapping",
        metavar="FILE.toml",
        type=Path,
        help="列映射：[columns]、[defaults]、[formats]；、[values]；默认用保存过的",
    )
    parser.add_argument(
        "--default", metavar="field=value", action="append", default=[], help="文件里缺少的值，如 township=某某镇"
    )
    parser.add_argument(
        "--numbered",
        choices=NUMBERED,
        help="文件没有编号，按每行内容编号；相同的行：都算 each、只算一次 once、先问 ask",
    )
    parser.add_argument("--overwrite", action="store_true", help="编号在库里已是别的内容时，也照样盖掉")
    parser.add_argument("--url", help="数据库地址，默认用 DATABASE_URL")
    parser.add_argument("--dry-run", action="store_true", help="只看结果，不写入")
    parser.add_argument("--good-only", action="store_true", help="有不合格的行时，装入其余的行")
    parser.add_argument("--rejects", metavar="OUT.xlsx", type=Path, help="把不合格的行连同原因写入工作簿")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象")
    arguments = parser.parse_args(words)
    names = [field.name for field in TABLES[arguments.table].fields]
    for pair in arguments.default:
        name, sign, _ = pair.partition("=")
        if not sign or name not in names:
            parser.error(f"--default {pair}：应为 字段=值，字段可以是 {'、'.join(names)}")
    return arguments


def _mapping(arguments: argparse.Namespace, table: ImportTable) -> ColumnMapping:
    mapping = ColumnMapping()
    if arguments.mapping:
        mapping = read_mapping(arguments.mapping, table)
    elif saved := saved_mapping(table, arguments.file):
        print(f"沿用 {saved.saved_on} 保存的映射 {saved.path.name}。", file=sys.stderr)
        mapping = saved.mapping
    given = dict(pair.split("=", 1) for pair in arguments.default)
    formats = {"numbered": arguments.numbered} if arguments.numbered else {}
    return replace(mapping, defaults={**mapping.defaults, **given}, formats={**mapping.formats, **formats})


def _print_plan(plan: Plan, table: ImportTable, to: TextIO) -> None:
    """Say, before any row is read, what is not used and what that costs."""
    if plan.ignored:
        print(f"没有用到的列：{'、'.join(plan.ignored)}。", file=to)
    if plan.likely:
        alike = "、".join(f'{one.field.name} = "{one.title}"（{one.field.label}）' for one in plan.likely)
        print(f"其中看名称和内容像是：{alike}；对的请写进映射的 [columns]。", file=to)
    for cost in costs(table, {source.field.name for source in plan.sources}):
        lacking = "或".join(f"“{table.label(name)}”（{name}）" for name in cost.fields)
        names = "、".join(indicator.zh for indicator in cost.indicators)
        print(f"缺{lacking}列：这些行不计入{names}。", file=to)
    if plan.numbered:
        print(f"文件没有{table.label(table.identity[0])}，按每行的内容编号。", file=to)


def _as_json(result: ImportResult) -> str:
    counts = ("read", "new", "changed", "unchanged", "rejected", "batch")
    shape: dict[str, object] = {name: getattr(result, name) for name in counts}
    shape["ignored"] = result.ignored
    if result.left_out:
        shape["left_out"] = [{"row": row.row, "kind": row.kind} for row in result.left_out[:_SHOWN]]
    if result.problems:
        shape["problems"] = [
            {"row": problem.row, "column": problem.column, "value": problem.value, "rule": problem.zh}
            for problem in result.problems[:_SHOWN]
        ]
    return json.dumps(shape, ensure_ascii=False)


def _print_result(result: ImportResult, *, dry_run: bool) -> None:
    if result.left_out:
        print(f"没有当作数据的行：{left_out_sentence(result.left_out)[0]}。")
    if result.unregistered:
        print(
            f"库里还没有这些列所指的名录，这些列没有装入：{'、'.join(result.unregistered)}。装好名录，再装一次这份文件。"
        )
    if result.unread:
        print(f"没有读取的工作表：{'、'.join(result.unread)}。")
    if not result.rejected or result.batch:
        print(f"读取 {result.read} 行：新增 {result.new}，变更 {result.changed}，未变 {result.unchanged}。")
        if dry_run:
            print("这是试运行，没有写入。")
            if result.overwritten:
                print(f"其中 {result.overwritten} 行的编号在库里已经是别的内容，装入要加 --overwrite。")
        elif result.batch:
            print(f"已装入，批次 {result.batch}。")
        else:
            print("没有需要写入的内容。")
    if not result.rejected:
        return
    for problem in result.problems[:_SHOWN]:
        value = f"“{problem.value}”" if problem.value else ""
        print(f"第 {problem.row} 行 {problem.column}{value}：{problem.zh}。", file=sys.stderr)
    if len(result.problems) > _SHOWN:
        print(f"其余 {len(result.problems) - _SHOWN} 处从略。", file=sys.stderr)
    if too_long := sorted({problem.field for problem in result.problems if problem.fault.rule is TOO_LONG}):
        _print_hint(f"[formats]\ncut = {json.dumps(too_long)}    # 超长的截短装入")
    if result.undated:
        as_titled = (
            f'year = "title"    # 日期没有年份，标题里是 {result.titled}'
            if result.titled
            else "year = 2023    # 日期的年份"
        )
        _print_hint(f"[formats]\n{as_titled}")
    for code in sorted({problem.fault.rule.code for problem in result.problems} & _HINTS.keys()):
        _print_hint(_HINTS[code])
    if any(problem.fault.rule is EQUAL_ROW for problem in result.problems):
        print("相同的行，都算请用 --numbered each，只算一次请用 --numbered once。", file=sys.stderr)
    rest = "其余已装入" if result.batch else "什么都没有装入"
    print(f"读取 {result.read} 行，{result.rejected} 行有问题，{rest}。", file=sys.stderr)


def _print_words(words: Sequence[UnknownWord]) -> None:
    refused = [word for word in words if word.is_refused]
    if refused:
        print("有不认识的词，说明含义后再装。", file=sys.stderr)
        _print_hint(as_mapping(refused))
    if others := [word for word in words if not word.is_refused]:
        print("下面的词库里没有过，照原样装入；要归到别的词的，改右边。", file=sys.stderr)
        _print_hint(as_mapping(others[:_SHOWN_WORDS]))


def _terminal_progress() -> Callable[[Progress], None]:
    """Redraws one line: rows done, rows per second and, where the file's share is known, the time left."""
    began = drawn = time.monotonic()

    def draw(progress: Progress) -> None:
        nonlocal drawn
        now = time.monotonic()
        if progress.phase == "rollups":
            words = f"读完 {progress.rows:,} 行，正在汇总"
        elif now - drawn < _REDRAWN:
            return
        else:
            spent = max(now - began, 0.001)
            left = f"，还需约 {spent / progress.share - spent:,.0f} 秒" if progress.share else ""
            words = f"读取 {progress.rows:,} 行，每秒 {progress.rows / spent:,.0f} 行{left}"
        drawn = now
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    return draw


def _watched_import(engine: Engine, table: ImportTable, arguments: argparse.Namespace) -> ImportResult:
    is_watched = sys.stderr.isatty()
    try:
        return import_file(
            engine,
            table,
            arguments.file,
            _mapping(arguments, table),
            by=UNRESTRICTED,
            dry_run=arguments.dry_run,
            good_only=arguments.good_only,
            rejects=arguments.rejects,
            may_overwrite=arguments.overwrite,
            planned=lambda plan: _print_plan(plan, table, sys.stderr if arguments.json else sys.stdout),
            progress=_terminal_progress() if is_watched else lambda progress: None,
        )
    except KeyboardInterrupt:
        # The transaction was rolled back on the way here.
        raise Cancelled from None
    finally:
        if is_watched:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _import(words: list[str]) -> int:
    arguments = _arguments(words)
    table = TABLES[arguments.table]
    try:
        engine = engine_for(arguments.url or database_url())
        provide_schema(engine)
        result = _watched_import(engine, table, arguments)
    except (DatabaseProblem, FileProblem) as problem:
        _print_problem(problem)
        if arguments.json:
            nothing: dict[str, object] = dict.fromkeys(("read", "new", "changed", "unchanged", "rejected"), 0)
            print(json.dumps(nothing | {"batch": None, "ignored": [], "error": problem.zh}, ensure_ascii=False))
        return 1
    _print_words(result.unknown_words)
    if arguments.json:
        print(_as_json(result))
    else:
        _print_result(result, dry_run=arguments.dry_run)
    return 1 if result.rejected else 0


def _print_problem(problem: DatabaseProblem | FileProblem) -> None:
    print(problem.zh, problem.en, sep="\n", file=sys.stderr)
    if isinstance(problem, FileProblem) and problem.hint:
        _print_hint(problem.hint)


def _print_hint(lines: str) -> None:
    where = "请在映射文件里写明（--mapping，见 docs/import.md）：\n" if lines.startswith("[") else ""
    print(f"{where}{lines}", file=sys.stderr)


def _undo(arguments: argparse.Namespace) -> None:
    engine = engine_for(arguments.url or database_url())
    provide_schema(engine)
    done = undo(engine, arguments.batch, by=UNRESTRICTED)
    print(f"已撤销批次 {done.batch}：删去 {done.removed} 行，恢复 {done.restored} 行。")


def _batches(arguments: argparse.Namespace) -> None:
    engine = engine_for(arguments.url or database_url())
    provide_schema(engine)
    with engine.connect() as connection:
        found = batches(connection)
    if arguments.json:
        shown = ("id", "table_name", "file_name", "started_at", "finished_at")
        counts = ("read", "new", "changed", "unchanged", "rejected")
        rows = [{name: row[name] for name in (*shown, *counts, "undone_at")} for row in found]
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    if not found:
        print("还没有导入过。")
    for row in found:
        undone = f"，已于 {row['undone_at']} 撤销" if row["undone_at"] else ""
        print(
            f"{row['id']}  {row['table_name']}  {row['finished_at']}  {row['file_name']}：读取 {row['read']}，"
            f"新增 {row['new']}，变更 {row['changed']}，未变 {row['unchanged']}，不合格 {row['rejected']}{undone}"
        )


def _template(arguments: argparse.Namespace) -> None:
    write_template(TABLES[arguments.table], arguments.out)
    print(f"已写入模板 {arguments.out}。")


def _command(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=_PROGRAM, allow_abbrev=False)
    commands = parser.add_subparsers(required=True)
    to_undo = commands.add_parser("undo", help="撤销一批导入")
    to_undo.add_argument("batch", metavar="BATCH")
    to_undo.set_defaults(run=_undo)
    to_list = commands.add_parser("batches", help="列出各批导入，最近的在前")
    to_list.add_argument("--json", action="store_true", help="输出一个 JSON 数组")
    to_list.set_defaults(run=_batches)
    for command in (to_undo, to_list):
        command.add_argument("--url", help="数据库地址，默认用 DATABASE_URL")
    to_fill_in = commands.add_parser("template", help="生成模板")
    to_fill_in.add_argument("table", metavar="TABLE", choices=TABLES, help="、".join(TABLES))
    to_fill_in.add_argument("out", metavar="OUT.xlsx", type=Path)
    to_fill_in.set_defaults(run=_template)
    arguments = parser.parse_args(words)
    try:
        arguments.run(arguments)
    except (DatabaseProblem, FileProblem) as problem:
        _print_problem(problem)
        return 1
    return 0


def main(words: list[str]) -> int:
    """Do as the words of the command line say; returns the exit code."""
    try:
        return _command(words) if words[:1] in (["undo"], ["batches"], ["template"]) else _import(words)
    except Exception as error:  # noqa: BLE001 whoever typed the command can do nothing with a traceback
        log_place(error)
        _print_problem(Unforeseen())
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
