"""Command line: ``python -m data_access.persons forget [--closed-before DATE] [--url URL]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.database import database_url, engine_for, provide_schema
from data_access.persons import forget_persons, last_kept
from data_access.problems import Problem
from data_access.settings.kept import kept_settings, persons_months


def _as_set(engine: Engine) -> date:
    with engine.connect() as connection:
        months = persons_months(kept_settings(connection))
    if months is None:
        raise Problem(
            "没有设保存期限：请写 --closed-before 日期，或先在“设置”页定期限。",
            "For how long they are kept is not set: give --closed-before, or set it on the page of settings.",
        )
    return last_kept(months)


def main(words: Sequence[str]) -> int:
    """Do as the words of the command line say; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m data_access.persons",
        description="到期删除诉求人、电话和诉求内容。 Forget who raised cases and what was said, once their time is over.",
    )
    commands = parser.add_subparsers(required=True)
    forget = commands.add_parser("forget", help="删除 forget")
    forget.add_argument(
        "--closed-before",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="默认按“设置”里的保存期限 default: as set",
    )
    forget.add_argument("--url", help="数据库地址 database address")
    given = parser.parse_args(words)
    try:
        engine = engine_for(given.url or database_url())
        provide_schema(engine)
        count = forget_persons(engine, UNRESTRICTED, given.closed_before or _as_set(engine))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"已删除 {count:,} 件诉求的诉求人、电话和内容。 Forgot who raised {count:,} cases and what was said.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
