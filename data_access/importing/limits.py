"""What no honest file exceeds, and what is said of a file that does or cannot be opened."""

from __future__ import annotations

from pathlib import Path

from data_access.importing.problems import FileProblem

MEGABYTE = 1 << 20
MOST_COLUMNS = 2_000
LONGEST_CELL = 1_000_000
# A text that many cells share is in the file once.
LONGEST_ROW = 4 * LONGEST_CELL


def too_wide(path: Path) -> FileProblem:
    """The file has too many columns."""
    return FileProblem(
        f"文件 {path.name} 的列数超过 {MOST_COLUMNS}，请检查是不是这份文件。",
        f"The file {path.name} has more than {MOST_COLUMNS} columns; see whether it is the right one.",
    )


def too_long(path: Path, row: int | None = None) -> FileProblem:
    """A cell of the file, in that row if it is known, is too long."""
    zh, en = ("", "") if row is None else (f"第 {row} 行", f" in row {row}")
    return FileProblem(
        f"文件 {path.name} {zh}有一格超过 {LONGEST_CELL} 个字，请检查引号和内容。",
        f"A cell{en} of the file {path.name} has more than {LONGEST_CELL} characters; check quotes and content.",
    )


def without_content(path: Path) -> FileProblem:
    """The file, or what is read of it, has no cell with anything in it."""
    return FileProblem(f"文件 {path.name} 里没有内容。", f"There is nothing in the file {path.name}.")


def damaged(path: Path) -> FileProblem:
    """The workbook cannot be read."""
    return FileProblem(
        f"文件 {path.name} 不是完整的 Excel 工作簿，可能已损坏或没有下载完。",
        f"The file {path.name} is not a whole Excel workbook; it may be damaged or only partly downloaded.",
    )


def encrypted(path: Path) -> FileProblem:
    """The workbook has a password."""
    return FileProblem(
        f"文件 {path.name} 有密码，请在 Excel 里去掉密码后另存。",
        f"The file {path.name} has a password; save it without one in Excel.",
    )
