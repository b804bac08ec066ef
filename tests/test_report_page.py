"""The pages of reports in Chromium: what shows, the filter, the keyboard, and what axe says."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from report_suites import report
from taskpane_site import launch

from server.checks.examine import Examined, Job, Stamp
from server.checks.many import Totals
from server.checks.summary_page import to_html

STAMP = Stamp(1, 1, "")


@pytest.fixture(scope="module")
def browser():
    """One browser for all pages."""
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def shown(browser, tmp_path):
    """A function that opens a page by its text; what it logs as an error fails the test."""
    errors, pages = [], []

    def show(text, **more):
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        page = browser.new_page(**more)
        page.on("console", lambda line: errors.append(line.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "page.html").as_uri())
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.close()
    assert errors == []


def summary():
    """The summary of three files, of which one was given up."""
    totals = Totals(Job("lint", dt.date(2026, 11, 23)))
    rows = ({"kind": "no-match", "message": "m"}, {"kind": "duplicate", "message": "m"})
    totals.add(Examined("a <b>.xlsx", STAMP, 2, rows))
    totals.add(Examined("b.xlsx", STAMP, 3))
    totals.add(Examined("c.xlsx", STAMP, reason="it took longer than 1 s"))
    assert totals.statuses == Counter({"done": 2, "given up": 1})
    return to_html(totals)


def cases():
    """The summary of two cases over two workbooks."""
    totals = Totals(Job("check", dt.date(2026, 11, 23)))
    for path, verdict in (("a.xlsx", "passed"), ("b.xlsx", "failed")):
        row = {"case": "none is late", "verdict": verdict}
        totals.add(Examined(path, STAMP, 1, (row, {"case": "all", "verdict": "passed"})))
    return to_html(totals)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["failures", "summary", "cases"])
def test_axe_finds_nothing(shown, tmp_path, which, scheme):
    """In both colour schemes, wide and narrow."""
    text = {"failures": lambda: report(tmp_path), "summary": summary, "cases": cases}[which]()
    for width in (1000, 360):
        page = shown(text, color_scheme=scheme, viewport={"width": width, "height": 800})
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [one["html"] for one in each["nodes"]]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_failures_come_first_with_their_cells(shown, tmp_path):
    """A wrong cell is told by a mark and in words, not by its colour alone."""
    page = shown(report(tmp_path))
    expect(page.locator("h1")).to_have_text("4 of 7 cases are not as expected")
    expect(page.locator("article")).to_have_count(4)
    first = page.locator("article").first
    expect(first.locator("td.lost")).to_have_text("40, not selected and should be")
    expect(first.locator("li").first).to_have_text("not selected: D2")
    rows = page.locator("article").nth(1)
    expect(rows.locator("td.extra")).to_have_count(10)
    expect(rows.locator("li").first).to_have_text("not selected: A2:E2 A4:E4")


def test_the_filter_shows_what_is_asked_for(shown, tmp_path):
    """By verdict and by words; headings without a case go too."""
    page = shown(report(tmp_path))
    page.get_by_role("button", name="Failed 2").click()
    expect(page.locator("article:visible")).to_have_count(2)
    expect(page.locator("#shown")).to_have_text("2 shown")
    page.get_by_role("button", name="Passed 3").click()
    expect(page.locator("#failures")).to_be_hidden()
    page.get_by_role("button", name="All 7").click()
    page.get_by_label("Find").fill("kg lessthan")
    expect(page.locator("article:visible")).to_have_count(1)
    expect(page.locator("tbody tr[data-group]:visible")).to_have_count(1)


def test_the_keyboard_goes_from_failure_to_failure(shown, tmp_path):
    """j and k move, / finds, Escape empties; letters typed into the field stay there."""
    page = shown(report(tmp_path))
    page.keyboard.press("j")
    expect(page.locator("#case-1")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#case-2")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#case-1")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(page.get_by_label("Find")).to_have_value("jk")
    expect(page.locator("article:visible")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("article:visible")).to_have_count(4)


def test_the_summary_names_kinds_and_files(shown):
    """Grave kinds first, files that were given up with their reason, names never as markup."""
    page = shown(summary())
    expect(page.locator("h1")).to_have_text("3 workbooks, 5 rules, 2 findings")
    expect(page.locator("code.name")).to_have_text(["duplicate", "no-match"])
    expect(page.get_by_text("it took longer than 1 s")).to_be_visible()
    expect(page.get_by_role("cell", name="a <b>.xlsx")).to_be_visible()
    page.get_by_role("button", name="Info 1").click()
    expect(page.locator("code.name:visible")).to_have_text(["no-match"])
