"""The pictures in README and docs, of the sample county: ``python -m docs.pictures``.

It builds the county into a temporary folder, starts the dashboard on it and photographs the pages with Chromium, Chrome
or Edge. Nothing of it is kept but the pictures.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import BROWSERS, Server, choose, settle, upload

DOCS = Path(__file__).resolve().parent
# Pages that are photographed as they open: file, path, theme, size in pixels.
PAGES = (
    ("overview", "/", "light", (1366, 768)),
    ("petitions-dark", "/petitions", "dark", (1366, 768)),
    ("screen", "/screen", "dark", (1280, 720)),
    ("today", "/today", "light", (1366, 768)),
)
QUESTION = "大束镇3月以来路灯不亮有几件"


def _september(path: Path, townships: tuple[str, ...]) -> Path:
    """Cases of the month after the sample's, under a hotline's own headers, with two names misspelt and a time unknown."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["流水", "所属镇街", "来电时间", "标题", "要求办结", "办完时间", "满意吗"])
        for number in range(3000):
            day = 1 + number % 28
            name = "大束真" if number in (9, 10) else townships[number % len(townships)]
            received = "不详" if number == 19 else f"2023/9/{day} 8:{number % 60:02d}"
            closed = f"2023/9/{day + 2} 17:30" if day < 26 else ""
            satisfied = ("满意", "满意", "不满意")[number % 3] if closed else ""
            row = [f"R{number:06d}", name, received, "楼道灯不亮", f"2023/9/{day + 2} 8:00", closed, satisfied]
            writer.writerow(row)
    return path


def _photograph(page: Page, name: str) -> None:
    settle(page)
    # Figures grow into place.
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / f"{name}.png")


def main() -> None:
    """Take them all."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{Path(folder, 'county.sqlite').as_posix()}"
        subprocess.run([sys.executable, "-m", "sample_data.build", "--url", url], check=True)
        server = Server(url, Path(folder, "server.log"))
        browser = playwright.chromium.launch(executable_path=next(filter(None, map(shutil.which, BROWSERS))))

        def opened(path: str, theme: str, size: tuple[int, int]) -> Page:
            page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
            page.goto(server.url + path)
            return page

        try:
            for name, path, theme, size in PAGES:
                page = opened(path, theme, size)
                if name == "screen":
                    expect(page.locator("main h2").first).to_be_visible()
                    page.wait_for_timeout(1500)
                    page.screenshot(path=DOCS / f"{name}.png")
                else:
                    _photograph(page, name)
            page = opened("/explore", "light", (1366, 768))
            settle(page)
            page.keyboard.press("/")
            page.keyboard.type(QUESTION)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda address: "is=" in address)
            _photograph(page, "explore")
            page = opened("/data_import", "light", (1366, 930))
            settle(page)
            upload(page, _september(Path(folder, "12345热线9月.csv"), ("钢山街道", "千泉街道", "太平镇", "北宿镇")))
            choose(page, "哪一列是工单编号", "流水")
            expect(page.get_by_text("3 行不合格")).to_be_visible()
            _photograph(page, "import-check")
            page.get_by_role("button", name="只装入合格的").click()
            expect(page.get_by_text("已装入群众诉求")).to_be_visible()
            page.get_by_text("历次导入", exact=True).click()
            settle(page)
            page.get_by_test_id("stDataFrame").first.click(position={"x": 16, "y": 50})
            _photograph(page, "import-batches")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
