"""Pictures of the pages that ``check`` and ``lint`` write, as Chromium shows them.

    PYTHONPATH=tests python tests/bench/report_pictures.py [docs/reports]

Failures in light and dark and on a narrow screen, and the summary of many workbooks.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from generated_workbooks import write_workbooks
from playwright.sync_api import Browser, sync_playwright
from report_suites import TODAY, report
from taskpane_site import launch

from server.checks.examine import Job
from server.checks.many import SUMMARY, Where, run_many

WIDE = {"width": 1000, "height": 900}
NARROW = {"width": 390, "height": 844}


def take(browser: Browser, page_file: Path, picture: Path, scheme: str, size: dict) -> None:
    """Write one picture."""
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.screenshot(path=picture, full_page=picture.name.startswith("check") and size is WIDE)
    page.close()


def summary(folder: Path) -> Path:
    """The summary page of some workbooks."""
    paths = [str(path) for path in write_workbooks(folder / "books", 120)]
    run_many(Job("lint", TODAY), paths, folder / "out", False, Where(), lambda done, total: None)
    page = folder / "out" / SUMMARY
    text = page.read_text().replace(f"{folder}/books", "workbooks")
    page.write_text(text)
    return page


def main(folder: Path) -> None:
    """Write every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser, failed = launch(playwright), Path(name) / "check.html"
        failed.write_text(report(Path(name)))
        take(browser, failed, folder / "check-light.png", "light", WIDE)
        take(browser, failed, folder / "check-dark.png", "dark", WIDE)
        take(browser, failed, folder / "check-narrow.png", "light", NARROW)
        many = summary(Path(name))
        take(browser, many, folder / "summary-light.png", "light", WIDE)
        take(browser, many, folder / "summary-dark.png", "dark", WIDE)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reports"))
