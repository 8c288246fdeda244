"""``python -m ui.bulletin [2023-08] --out DIR [--scheme ID] [--url URL] [--signer NAME]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data_access.access import UNRESTRICTED
from data_access.database import DatabaseProblem, database_url, engine_for, provide_schema
from data_access.evaluation.schemes import SchemeProblem
from ui.bulletin.files import files
from ui.bulletin.told import bulletin


def main(arguments: Sequence[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m ui.bulletin", description="月度通报 Monthly bulletin")
    parser.add_argument("month", nargs="?", help="YYYY-MM; default: the last month that is finished")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the files")
    parser.add_argument("--scheme", help="the scheme's file name without .toml")
    parser.add_argument("--url", help="default: DATABASE_URL")
    parser.add_argument("--signer", default="", help="署名 default: the county's name")
    given: Any = parser.parse_args(arguments)
    try:
        engine = engine_for(given.url or database_url())
        provide_schema(engine)
        made = files(bulletin(engine, UNRESTRICTED, given.month, given.scheme), given.signer)
        given.out.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (given.out / name).write_bytes(content)
            print(given.out / name)
    except (DatabaseProblem, SchemeProblem, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"写不了 {given.out}：{error.strerror}", file=sys.stderr)
        return 1
    if not any(name.endswith(".png") for name in made):
        print("没有找到浏览器（Chromium、Chrome 或 Edge），未画图。No browser to draw charts.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
