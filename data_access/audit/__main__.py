"""Command line: ``python -m data_access.audit verify``, ``list`` and ``trim --before DATE``.

Exit code 0 done, 1 the record is not whole or the command was refused, 2 usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from data_access.access import UNRESTRICTED
from data_access.audit.chain import trim, verify
from data_access.audit.deeds import KINDS
from data_access.audit.search import Wanted, deeds
from data_access.database import begin_writing, database_url, engine_for, lacks_privilege, provide_schema, unreachable
from data_access.problems import Problem

# Rows asked for at a time
_PAGE = 500


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m data_access.audit",
        description="操作记录：核对、列出、删去过期的。 The audit log: check it, list it, remove what is old.",
        allow_abbrev=False,
    )
    parser.add_argument("--url", help="数据库地址，默认用 DATABASE_URL")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="核对每一条，给出最后的摘要 check every deed")
    check.add_argument("--kept", metavar="DIGEST", default="", help="另存的摘要，应仍在记录里 a digest kept elsewhere")
    listing = commands.add_parser("list", help="列出，最近的在前 list, the latest first")
    listing.add_argument("--since", metavar="YYYY-MM-DD", type=date.fromisoformat)
    listing.add_argument("--by", metavar="NAME")
    listing.add_argument("--kind", choices=KINDS)
    trimming = commands.add_parser("trim", help="删去某日以前的，至少留六个月 remove what was done before a day")
    trimming.add_argument("--before", metavar="YYYY-MM-DD", type=date.fromisoformat, required=True)
    return parser.parse_args(words)


def _verify(connection: Connection, kept: str) -> int:
    chain = verify(connection, UNRESTRICTED, kept)
    if chain.problem:
        print(chain.problem.zh, chain.problem.en, sep="\n", file=sys.stderr)
        return 1
    print(f"操作记录完整：{chain.count} 条，最后一条的摘要请另外保存：")
    print(f"The record is whole: {chain.count} deeds. Keep the last one's digest elsewhere:")
    print(chain.digest)
    return 0


def _list(connection: Connection, arguments: argparse.Namespace) -> None:
    wanted = Wanted(arguments.by, (arguments.kind,) if arguments.kind else (), arguments.since)
    offset = 0
    while len(found := deeds(connection, UNRESTRICTED, wanted, limit=_PAGE, offset=offset)):
        offset += _PAGE
        for one in found.itertuples():
            who = " ".join(filter(None, (str(one.done_by), str(one.done_from))))
            told = " → ".join(str(text) for text in (one.before, one.after) if isinstance(text, str))
            print(f"{one.number}\t{one.done_at}\t{who}\t{one.kind}\t{one.subject}\t{told}")


def main(words: Sequence[str]) -> int:
    """Do as the words of the command line say; returns the exit code."""
    arguments = _arguments(words)
    try:
        engine = engine_for(arguments.url or database_url())
        provide_schema(engine)
        try:
            if arguments.command == "trim":
                with engine.begin() as connection:
                    begin_writing(connection)
                    count = trim(connection, UNRESTRICTED, arguments.before)
                print(f"已删去 {count} 条。 {count} deeds removed.")
                return 0
            with engine.connect() as connection:
                if arguments.command == "verify":
                    return _verify(connection, arguments.kept)
                _list(connection, arguments)
                return 0
        except SQLAlchemyError as error:
            if arguments.command == "trim" and lacks_privilege(error):
                raise Problem(
                    "这个数据库账号没有删除操作记录（表 deed 的 DELETE）的权限，什么都没有删；请用表的所有者的地址运行。",
                    "This account of the database may not delete deeds (DELETE on the table deed), and nothing was removed; run "
                    "it with the address of the table's owner.",
                ) from None
            raise unreachable(error, engine.url) from error
    except Problem as problem:
        print(problem.zh, problem.en, sep="\n", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
