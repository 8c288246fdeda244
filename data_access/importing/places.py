"""The places that rows may name: townships by name, code or alias, villages by name or code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_access.schema import township, township_alias, village


@dataclass(frozen=True)
class Places:
    """What a word in a file means. A name comes before an alias, and means one township only."""

    townships: dict[str, str]  # name, code or alias -> township code
    villages: dict[tuple[str, str], str]  # (township code, name or code) -> village code

    def __bool__(self) -> bool:
        return bool(self.townships)


def read_places(connection: Connection) -> Places:
    """The places in the database."""
    townships: dict[str, str] = dict(
        connection.execute(select(township_alias.c.alias, township_alias.c.township_code)).all()
    )
    for code, name in connection.execute(select(township.c.code, township.c.name)):
        townships |= {code: code, name: code}
    villages: dict[tuple[str, str], str] = {}
    # Two villages of one name in one township are told apart by their codes only.
    namesakes: set[tuple[str, str]] = set()
    for code, township_code, name in connection.execute(
        select(village.c.code, village.c.township_code, village.c.name)
    ):
        if (township_code, name) in villages:
            namesakes.add((township_code, name))
        villages |= {(township_code, name): code, (township_code, code): code}
    for namesake in namesakes:
        del villages[namesake]
    return Places(townships, villages)
