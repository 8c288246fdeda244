"""Cells that are merged over several rows: what stands in them counts for each row, as people see it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from data_access.importing.problems import FileProblem

# More are in no honest workbook; each takes 8 bytes, and 60 while the rows are read.
MOST_MERGED = 1_000_000
# A small file may have every cell of a million rows merged: so many cells take some seconds.
MOST_CARRIED = 50_000_000


def too_much_merged() -> FileProblem:
    """The file's merged cells cover more than an honest table."""
    return FileProblem(
        "合并单元格盖住的格子太多，请在 Excel 里取消合并后再导入。",
        "The merged cells cover too many others; unmerge them in Excel and load the file again.",
    )


class Merged:
    """The merged areas of a sheet that are several rows high: by the row that they begin in, and their first column."""

    def __init__(self) -> None:
        self._areas = array("Q")

    def __len__(self) -> int:
        return len(self._areas)

    def add(self, first: int, last: int, column: int) -> None:
        """Note the area from one row to another; columns count from 0."""
        if last > first:
            self._areas.append(first << 40 | last << 16 | column)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        return ((area >> 40, area >> 16 & 0xFFFFFF, area & 0xFFFF) for area in sorted(self._areas))


def carried_down(rows: Iterable[tuple[int, list[Any]]], merged: Merged) -> Iterator[tuple[int, list[Any]]]:
    """The rows, in each of which that has cells of its own stands what is merged over it from above."""
    areas = iter(merged)
    following = next(areas, None)
    # column -> the last row of the area over it, and what stands in it
    over: dict[int, tuple[int, Any]] = {}
    carried = 0
    for number, cells in rows:
        if over:
            carried += len(over)
            if carried > MOST_CARRIED:
                raise too_much_merged()
            over = {column: area for column, area in over.items() if area[0] >= number}
            if any(cell != "" for cell in cells):
                cells.extend([""] * (max(over, default=-1) + 1 - len(cells)))
                for column, (_, value) in over.items():
                    if cells[column] == "":
                        cells[column] = value
        while following is not None and following[0] <= number:
            first, last, column = following
            if first == number and column < len(cells) and cells[column] != "":
                over[column] = (last, cells[column])
            following = next(areas, None)
        yield number, cells
