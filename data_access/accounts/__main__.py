"""Command line: ``python -m data_access.accounts add|list|reset|lock|unlock|role|wall-add|wall-list|wall-revoke``.

Exit code 0 done, 1 refused, 2 usage. Whoever may run it on the server may do all of it.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from sqlalchemy import Engine, or_, select

from data_access.access import UNRESTRICTED
from data_access.accounts import administering, wall_keys
from data_access.accounts.passwords import made_password
from data_access.accounts.problems import AccountProblem
from data_access.areas.petitions.tables import petition_department_month
from data_access.database import DatabaseProblem, database_url, engine_for, provide_schema
from data_access.places.tables import township


def _password(*, is_made: bool) -> str:
    """One that is asked for without showing it, or made and printed once."""
    if is_made:
        password = made_password()
        print(f"口令（只显示这一次）：{password}")
        return password
    password = getpass.getpass("口令 Password: ")
    if getpass.getpass("再输一次 Again: ") != password:
        raise AccountProblem("两次输入的口令不同。", "The two passwords differ.")
    return password


def _codes(engine: Engine, given: str) -> list[str]:
    """The codes of townships that are named, or given by their codes, with commas between."""
    codes = []
    with engine.connect() as connection:
        for one in filter(None, map(str.strip, given.replace("，", ",").split(","))):
            code = connection.scalar(select(township.c.code).where(or_(township.c.name == one, township.c.code == one)))
            if code is None:
                raise AccountProblem(f"没有名叫“{one}”的镇街。", f"There is no township “{one}”.")
            codes.append(code)
    return codes


def _signs_in_elsewhere() -> bool:
    """Whether the dashboard that runs with these settings asks nobody for a password."""
    return os.environ.get("IDENTITY", "").strip() in ("oidc", "header")


def _departments(engine: Engine, given: list[str]) -> list[str]:
    """The departments, each of which some case must have: with a slip of the pen nobody would see any."""
    known = petition_department_month.c.department
    with engine.connect() as connection:
        for one in given:
            if connection.scalar(select(known).where(known == one).limit(1)) is None:
                raise AccountProblem(
                    f"诉求里没有承办单位“{one}”，请按诉求里的写法。",
                    f"No case has the department “{one}”; write it as cases do.",
                )
    return given


def _add(engine: Engine, arguments: argparse.Namespace) -> None:
    townships, departments = _codes(engine, arguments.townships), _departments(engine, arguments.department)
    has_none = arguments.no_password or (_signs_in_elsewhere() and not arguments.make_password)
    password = None if has_none else _password(is_made=arguments.make_password)
    full_name = arguments.full_name or arguments.name
    administering.add(engine, UNRESTRICTED, arguments.name, full_name, arguments.role, password, townships, departments)
    print(f"已建账号 {arguments.name}。")


def _list(engine: Engine, _arguments: argparse.Namespace) -> None:
    with engine.connect() as connection:
        found = administering.listed(connection, UNRESTRICTED)
    if not found:
        print("还没有账号。")
    for row in found:
        places = "、".join(row["townships"]) or "全部镇街"
        if row["departments"]:
            places += f"，承办单位{'、'.join(row['departments'])}"
        state = "，已锁定" if row["is_locked"] else ""
        seen = row["signed_in_at"] or "没有登录过"
        print(f"{row['name']}  {row['full_name']}  {row['name_zh']}（{row['role_code']}）  {places}  {seen}{state}")


def _reset(engine: Engine, arguments: argparse.Namespace) -> None:
    administering.reset(engine, UNRESTRICTED, arguments.name, _password(is_made=arguments.make_password))
    print(f"已重设 {arguments.name} 的口令，下次登录时要改。")


def _lock(engine: Engine, arguments: argparse.Namespace) -> None:
    administering.lock(engine, UNRESTRICTED, arguments.name)
    print(f"已锁定 {arguments.name}。")


def _unlock(engine: Engine, arguments: argparse.Namespace) -> None:
    administering.unlock(engine, UNRESTRICTED, arguments.name)
    print(f"已解锁 {arguments.name}。")


def _role(engine: Engine, arguments: argparse.Namespace) -> None:
    townships, departments = _codes(engine, arguments.townships), _departments(engine, arguments.department)
    administering.change_role(engine, UNRESTRICTED, arguments.name, arguments.role, townships, departments)
    print(f"已更改 {arguments.name} 的角色。")


def _wall_add(engine: Engine, arguments: argparse.Namespace) -> None:
    key = wall_keys.make_key(engine, UNRESTRICTED, arguments.name)
    print(f"打开一次 /screen?key={key}，浏览器就记住了（密钥只显示这一次）。")


def _wall_list(engine: Engine, _arguments: argparse.Namespace) -> None:
    with engine.connect() as connection:
        for row in wall_keys.keys(connection, UNRESTRICTED):
            revoked = f"，已于 {row['revoked_at']} 吊销" if row["revoked_at"] else ""
            print(f"{row['id']}  {row['name']}  {row['created_at']}{revoked}")


def _wall_revoke(engine: Engine, arguments: argparse.Namespace) -> None:
    wall_keys.revoke_key(engine, UNRESTRICTED, arguments.id)
    print(f"已吊销 {arguments.id}。")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_access.accounts", allow_abbrev=False)
    commands = parser.add_subparsers(required=True)
    named = {
        "add": (_add, "建账号"),
        "reset": (_reset, "重设口令"),
        "lock": (_lock, "锁定：不能再登录，名字留在记录里"),
        "unlock": (_unlock, "解锁"),
        "role": (_role, "换角色、镇街和承办单位"),
        "wall-add": (_wall_add, "给墙屏发密钥"),
    }
    made = {
        "list": commands.add_parser("list", help="列出账号"),
        "wall-list": commands.add_parser("wall-list", help="列出密钥"),
    }
    made["list"].set_defaults(run=_list)
    made["wall-list"].set_defaults(run=_wall_list)
    for word, (run, meaning) in named.items():
        made[word] = commands.add_parser(word, help=meaning)
        made[word].add_argument("name", metavar="NAME")
        made[word].set_defaults(run=run)
    made["wall-revoke"] = commands.add_parser("wall-revoke", help="吊销密钥")
    made["wall-revoke"].add_argument("id", metavar="ID")
    made["wall-revoke"].set_defaults(run=_wall_revoke)
    made["add"].add_argument("--full-name", default="", help="姓名")
    for word in ("add", "role"):
        role, townships = "角色，如 viewer、clerk、administrator", "只看这些镇街的诉求和事件，逗号隔开；不写为全部"
        made[word].add_argument("--role", required=True, help=role)
        made[word].add_argument("--townships", default="", help=townships)
        departments = "只看这个承办单位的诉求，可以写几次；不写为全部"
        made[word].add_argument("--department", action="append", default=[], help=departments)
    made["add"].add_argument(
        "--no-password", action="store_true", help="由代理或统一身份认证登录；IDENTITY=oidc 或 header 时不必写"
    )
    for word in ("add", "reset"):
        made[word].add_argument("--make-password", action="store_true", help="由程序生成口令，打印一次")
    for command in made.values():
        command.add_argument("--url", help="数据库地址，默认用 DATABASE_URL")
    return parser


def main(words: list[str]) -> int:
    """Do as the words of the command line say; returns the exit code."""
    arguments = _parser().parse_args(words)
    try:
        engine = engine_for(arguments.url or database_url())
        provide_schema(engine)
        arguments.run(engine, arguments)
    except (DatabaseProblem, AccountProblem) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
