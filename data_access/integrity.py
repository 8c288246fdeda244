"""Whether a SQLite file is whole: a damaged one answers most questions, and some of them wrongly."""

from __future__ import annotations

from concurrent.futures import Future, wait
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access.background import beside
from data_access.database import DatabaseDamaged, damage, file_of, unreachable

# Looking through a file takes this share of the time at most, however often it is written to.
_SHARE = 0.02


class Integrity:
    """Looks through the file of an engine, beside everything else, whenever it has changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file = file_of(engine.url)
        self._seen: tuple[int, ...] = ()
        self._looking: Future[bool] | None = None
        self._is_whole = True
        self._next_at = float("-inf")

    def require(self, seconds: float = 0) -> None:
        """Raise DatabaseDamaged if the file is known not to be whole; wait so long until it is looked through."""
        if self._file is None:
            return
        seen = _state(self._file)
        looking = self._looking
        if looking is None and seen != self._seen and (not self._is_whole or monotonic() >= self._next_at):
            self._seen, self._looking = seen, (looking := beside(self._look))
        if looking and wait([looking], seconds).done:
            self._is_whole, self._looking = looking.result(), None
        if not self._is_whole:
            raise damage(self._engine.url)

    def _look(self) -> bool:
        begun = monotonic()
        try:
            with self._engine.connect() as connection:
                return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()) == "ok"
        except SQLAlchemyError as error:
            # What else is the matter is for those to say who ask it something.
            return not isinstance(unreachable(error, self._engine.url), DatabaseDamaged)
        finally:
            self._next_at = monotonic() + (monotonic() - begun) / _SHARE


def _state(file: Path) -> tuple[int, ...]:
    about = file.stat()
    return about.st_ino, about.st_size, about.st_mtime_ns
