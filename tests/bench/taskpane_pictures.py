"""Pictures of the task pane, and how heavy and quick it is.

``PYTHONPATH=tests python tests/bench/taskpane_pictures.py docs/taskpane`` writes light, dark and
high-contrast panes and the page in an ordinary browser, and prints weight and time to be usable.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from taskpane_site import ask, launch, open_excel, serving

TALL = {"width": 350, "height": 780}
WIDE = {"width": 1040, "height": 600}
LOADS = 10
USABLE = """() => {
    const pieces = [...performance.getEntriesByType('resource'),
                    ...performance.getEntriesByType('navigation')];
    const sum = (size) => pieces.reduce((all, each) => all + each[size], 0);
    const usable = performance.getEntriesByName('usable')[0].startTime;
    return [usable, sum('transferSize'), sum('decodedBodySize'), pieces.length];
}"""


def pictures(browser: Browser, site: str, folder: Path) -> None:
    """Write every picture."""
    for name in ("light", "dark", "contrast"):
        page = browser.new_page(
            viewport=TALL,
            color_scheme="dark" if name == "contrast" else "light",
            forced_colors="active" if name == "contrast" else "none",
        )
        open_excel(page, site, theme={"isDarkTheme": name != "light"})
        _fill(page, "rows where Status is Open in orange", "Status is")
        page.screenshot(path=folder / f"{name}.png")
        page.close()
    page = browser.new_page(viewport=WIDE)
    page.goto(site)
    _fill(page, "not delivered", "Delivered is blank")
    page.screenshot(path=folder / "browser.png")


def _fill(page: Page, request: str, reading: str) -> None:
    """A rule on the sheet, another one previewed."""
    ask(page, "colour scale on Amount")
    page.get_by_role("button", name="Apply").click()
    page.locator("#rules .card").wait_for()
    ask(page, request)
    page.get_by_role("heading", name=reading).first.wait_for()
    page.get_by_role("button", name="Preview").first.click()
    page.get_by_role("button", name="Clear preview").wait_for()
    page.evaluate("scrollTo(0, 0)")


Load = tuple[float, int, int, int]
"""Milliseconds until the page is usable, bytes as sent and as read, files."""


def loads(browser: Browser, site: str, excel: bool) -> tuple[list[Load], list[Load]]:
    """First visits, each with an empty cache, and second ones."""
    first, second = [], []
    for _ in range(LOADS):
        context = browser.new_context(viewport=TALL)
        for found in (first, second):
            page = context.new_page()
            if excel:  # a page whose requests are changed keeps nothing, so its second is a first
                open_excel(page, site)
            else:
                page.goto(site)
            page.wait_for_selector("html[data-ready]")
            found.append(tuple(page.evaluate(USABLE)))
            page.close()
        context.close()
    return first, second


def tell(name: str, found: list[Load]) -> None:
    """Print what visits have cost."""
    times, sent, read, files = zip(*found, strict=True)
    print(
        f"{name}: usable after {statistics.median(times):.0f} ms (median of {len(times)}, "
        f"{min(times):.0f} to {max(times):.0f}); {max(sent)} bytes sent, {max(read)} read, "
        f"{max(files)} files"
    )


def main(folder: Path) -> None:
    """Draw and measure."""
    folder.mkdir(parents=True, exist_ok=True)
    with serving() as site, sync_playwright() as playwright:
        browser = launch(playwright)
        pictures(browser, site, folder)
        tell("in Excel", loads(browser, site, excel=True)[0])
        first, second = loads(browser, site, excel=False)
        browser.close()
    tell("in a browser", first)
    tell("in a browser, a second time", second)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/taskpane"))
