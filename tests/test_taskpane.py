"""The task pane in a real browser, before the real service; Office.js is a stub that records."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table as ExcelTable
from playwright.sync_api import expect, sync_playwright
from rich_workbooks import BAR, RED, rich_book
from taskpane_site import (
    BUSY,
    OFFICE,
    PANE,
    ask,
    excel_sheet,
    launch,
    office_script,
    open_excel,
    serving,
)

from server.assets import Assets
from server.sample import sample_module
from server.workbooks import apply_rules, list_rules

FOLDER = Path(__file__).parent.parent / "server" / "taskpane"
expect.set_options(timeout=20_000)  # a machine that is busy with other tests is slow
RUN = 'run {"delayForCellEdit":true,"mergeUndoGroup":true}'


@pytest.fixture(scope="module")
def site():
    """The address of the page."""
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def page(browser):
    """A fresh page of the pane's size; nothing may be said on its console."""
    context = browser.new_context(viewport=PANE, reduced_motion="reduce")
    found = context.new_page()
    found.set_default_timeout(20_000)
    said = []
    found.on("console", lambda message: said.append(message.text))
    found.on("pageerror", lambda error: said.append(str(error)))
    yield found
    context.close()
    assert said == []


def status(page):
    """The line that is read out."""
    return page.get_by_role("status")


def button(page, name):
    """The first button of a name."""
    return page.get_by_role("button", name=name, exact=True).first


def formats(page):
    """The conditional formats of the stub's sheet, first priority first."""
    return page.evaluate("__stub.book.formats")


def calls(page):
    """What the stub recorded, and forget it."""
    return page.evaluate("__stub.log.splice(0)")


def applied(page, utterance):
    """Ask, apply the first reading and wait until it is said."""
    ask(page, utterance)
    button(page, "Apply").click()
    expect(status(page)).to_contain_text("Applied:")


def faults(page):
    """What axe finds."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def test_the_first_run_offers_examples(page, site) -> None:
    """The table is shown, an example asks, and the examples stay away afterwards."""
    open_excel(page, site)
    expect(page.locator("#table")).to_have_text("Table: Orders!A1:H61 (61 rows, 8 columns)")
    page.get_by_role("button", name="Amount over 200 in green").click()
    expect(status(page)).to_have_text("1 reading in A2:H61.")
    expect(page.locator("#first")).to_be_hidden()
    page.reload()
    expect(page.locator("#no-rules")).to_be_visible()
    expect(page.locator("#first")).to_be_hidden()


def test_a_card_says_what_where_and_how(page, site) -> None:
    """Reading, number of cells, addresses that are selected on a click, formula, alternatives."""
    open_excel(page, site)
    ask(page, "amounts over 500 in green")
    card = page.locator("#cards .card").first
    expect(card.get_by_role("heading")).to_have_text("Amount is more than 500")
    expect(card).to_contain_text("15 cells of G2:G61")
    card.get_by_text("Formula").click()
    expect(card.locator("code")).to_have_text(re.compile(r"^=.*\$G2>500"))
    card.get_by_role("button", name="Show").click()
    page.wait_for_function("__stub.book.selection.startsWith('G6,G10:G12,')")
    expect(page.locator("#cards .card:visible")).to_have_count(3)
    button(page, "Show 1 more reading").click()
    expect(page.locator("#cards .card:visible")).to_have_count(4)


TYPES = {
    "amounts over 500 in green": (
        "CellValue",
        "G2:G61",
        {"cellValue": {"rule": {"formula1": "=500", "operator": "GreaterThan"}}},
    ),
    "rows where Status is Open in orange": (
        "Custom",
        "A2:H61",
        {"custom": {"rule": {"formula": '=$F2="Open"'}}},
    ),
    "customers with Garden": (
        "ContainsText",
        "B2:B61",
        {"textComparison": {"rule": {"operator": "Contains", "text": "Garden"}}},
    ),
    "top 10 amounts in bold": (
        "TopBottom",
        "G2:G61",
        {"topBottom": {"rule": {"rank": 10, "type": "TopItems"}}},
    ),
    "not delivered": ("PresetCriteria", "E2:E61", {"preset": {"rule": {"criterion": "Blanks"}}}),
    "colour scale on Amount": ("ColorScale", "G2:G61", {"colorScale": {"criteria": {}}}),
    "bars on Amount": (
        "DataBar",
        "G2:G61",
        {"dataBar": {"positiveFormat": {"fillColor": "#638EC6", "gradientFill": True}}},
    ),
    "icons on Amount": ("IconSet", "G2:G61", {"iconSet": {"style": "ThreeTrafficLights1"}}),
}


def within(part, whole) -> bool:
    """Whether a part is in the whole, at every depth."""
    if isinstance(part, dict):
        return all(name in whole and within(value, whole[name]) for name, value in part.items())
    return part == whole


@pytest.mark.parametrize("utterance", TYPES)
def test_every_type_is_applied(page, site, utterance) -> None:
    """The rule is added through its own range, in one undo step, and told its priority."""
    kind, area, state = TYPES[utterance]
    open_excel(page, site)
    ask(page, utterance)
    expect(button(page, "Apply")).to_be_visible()
    calls(page)
    button(page, "Apply").click()
    expect(status(page)).to_contain_text("Applied:")
    (found,) = formats(page)
    assert (found["type"], found["range"]) == (kind, area)
    assert within(state, found)
    log = calls(page)
    sheet = 'workbook.worksheets.getItem("{sheet-1}")'
    add = f'{sheet}.getRange("{area}").conditionalFormats.add("{kind}")'
    first = f'{sheet}.getRange().conditionalFormats.getItem("{{rule-1}}").priority = 0'
    assert log[:3] == [RUN, sheet, f'{sheet}.getRange("{area}")']
    assert log.index(add) < log.index("sync") < log.index(first)
    assert (f"{add}.stopIfTrue = false" in log) == (
        kind not in ("ColorScale", "DataBar", "IconSet")
    )
    assert not any("clearAll" in line for line in log)


def test_exact_calls_of_a_rule(page, site) -> None:
    """Nothing is written but what the server said."""
    open_excel(page, site)
    ask(page, "customers with Garden")
    expect(button(page, "Apply")).to_be_visible()
    calls(page)
    button(page, "Apply").click()
    expect(status(page)).to_contain_text("Applied:")
    head = 'workbook.worksheets.getItem("{sheet-1}").getRange("B2:B61").conditionalFormats'
    written = [line.removeprefix(head) for line in calls(page) if " = " in line]
    assert written[:-1] == [
        '.add("ContainsText").textComparison.rule = {"operator":"Contains","text":"Garden"}',
        '.add("ContainsText").textComparison.format.font.color = "#C00000"',
        '.add("ContainsText").textComparison.format.font.strikethrough = true',
        '.add("ContainsText").stopIfTrue = false',
    ]


def test_rules_of_one_request_keep_their_order(page, site) -> None:
    """The first rule of a candidate has the highest priority, and its stop is handed over."""
    open_excel(page, site)
    applied(page, "big green, small orange")
    found = formats(page)
    assert [each["type"] for each in found] == ["CellValue", "Custom"]
    assert [each["stopIfTrue"] for each in found] == [True, False]


def test_a_preview_comes_and_goes(page, site) -> None:
    """A preview is in the sheet until it is cleared, replaced or applied; Escape clears it too."""
    open_excel(page, site)
    ask(page, "amounts over 500 in green")
    preview = page.get_by_role("button", name="Preview", exact=True)
    preview.nth(1).click()
    expect(status(page)).to_contain_text("This is a preview")
    assert [each["range"] for each in formats(page)] == ["A2:H61"]
    preview.first.click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    assert [each["range"] for each in formats(page)] == ["G2:G61"]
    page.keyboard.press("Escape")
    expect(status(page)).to_contain_text("cleared")
    assert formats(page) == []
    button(page, "Preview").click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    button(page, "Apply").click()
    expect(status(page)).to_contain_text("Applied:")
    assert len(formats(page)) == 1


def test_a_forgotten_preview_is_cleared(page, site) -> None:
    """A pane that was closed during a preview takes it away when it is opened again."""
    open_excel(page, site)
    ask(page, "amounts over 500 in green")
    button(page, "Preview").click()
    expect(status(page)).to_contain_text("This is a preview")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-ready", "Excel")
    assert any('getItemOrNullObject("{rule-1}")' in line for line in calls(page))


def test_steps_are_undone(page, site) -> None:
    """Apply, remove and edit are taken back one by one, with everything that the rule had."""
    open_excel(page, site)
    applied(page, "customers with Garden")
    before = formats(page)[0]
    page.get_by_role("button", name="Remove: Text contains “Garden”").click()
    expect(status(page)).to_contain_text("Removed:")
    assert formats(page) == []
    expect(page.locator("#undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("Undone.")
    (after,) = formats(page)
    for part in (before, after):
        part.pop("id")
        part["textComparison"]["format"]["borders"] = {}
    assert within(before, after)
    button(page, "Undo").click()
    expect(page.locator("#no-rules")).to_be_visible()
    assert formats(page) == []


def test_rules_are_explained_moved_and_edited(page, site) -> None:
    """The list says what each rule does, changes its place and replaces it where it stands."""
    open_excel(page, site)
    applied(page, "not delivered")
    applied(page, "rows where Status is Open in orange")
    assert [each["type"] for each in formats(page)] == ["Custom", "PresetCriteria"]
    page.get_by_role("button", name='Explain: Formula =$F2="Open"').click()
    expect(page.locator("#rules .card").first).to_contain_text("priority 1")
    page.get_by_role("button", name="Move down").first.click()
    expect(status(page)).to_contain_text("Moved down")
    assert [each["type"] for each in formats(page)] == ["PresetCriteria", "Custom"]
    page.get_by_role("button", name="Edit: Formula").click()
    expect(page.locator("#replacing")).to_contain_text("The next rule replaces")
    applied(page, "top 10 amounts in bold")
    assert [each["type"] for each in formats(page)] == ["PresetCriteria", "TopBottom"]
    expect(page.locator("#replacing")).to_be_hidden()


def test_a_question_is_answered_in_place(page, site) -> None:
    """A request that says too little is asked back; the answer completes it."""
    open_excel(page, site)
    ask(page, "amounts in green")
    expect(page.locator("#question")).to_contain_text("Which amounts are to be green?")
    expect(page.get_by_label("Your answer")).to_be_focused()
    page.keyboard.type("over 500")
    page.keyboard.press("Enter")
    expect(page.locator("#cards .card")).to_have_count(1)
    expect(page.locator("#question")).to_be_hidden()


def test_failures_are_told(page, site) -> None:
    """A busy server, no connection and a protected sheet are said in words, with a code."""
    open_excel(page, site)
    problem = page.get_by_role("alert")
    ask(page, BUSY)
    expect(problem).to_contain_text("Many people ask at this moment")
    page.context.set_offline(True)
    ask(page, "not delivered")
    expect(problem).to_contain_text("There is no connection")
    page.context.set_offline(False)
    ask(page, "not delivered")
    expect(button(page, "Apply")).to_be_visible()
    expect(problem).to_be_empty()
    page.evaluate("__stub.book.refuse = 'AccessDenied'")
    button(page, "Apply").click()
    expect(problem).to_contain_text("The sheet is protected")
    expect(page.get_by_label("Which cells")).to_have_value("not delivered")


@pytest.mark.parametrize(
    ("office", "message"),
    [({"version": 8}, "too old"), ({"host": None}, "works in Excel only")],
)
def test_another_host_is_told(page, site, office, message) -> None:
    """An old Excel, or no Excel, ends with a sentence and a way to try again."""
    open_excel(page, site, **office)
    expect(page.get_by_role("alert")).to_contain_text(message)
    expect(button(page, "Reload")).to_be_enabled()
    expect(button(page, "Suggest")).to_be_disabled()


def test_the_selection_is_followed(page, site) -> None:
    """One cell means the block around it, several cells are taken as they are, and sent so."""
    open_excel(page, site, selection="C3")
    table = page.locator("#table")
    expect(table).to_have_text("Table: Orders!A1:H61 (61 rows, 8 columns)")
    page.evaluate("__stub.moveTo('B2:D9')")
    expect(table).to_have_text("Table: Orders!B2:D9 (8 rows, 3 columns)")
    with page.expect_request("**/suggest") as sent:
        ask(page, "not delivered")
    asked = sent.value.post_data_json["table"]
    assert asked["address"] == "Orders!B2:D9"
    assert asked["values"] == [row[1:4] for row in excel_sheet()["values"][1:9]]
    assert asked["number_formats"] == [["General", "General", "yyyy-mm-dd"]] * 8
    page.evaluate("__stub.moveTo('G50:K90')")
    expect(table).to_have_text("Table: Orders!G50:H61 (12 rows, 2 columns)")
    page.evaluate("__stub.moveTo('J70:K90')")
    expect(table).to_have_text("Select a cell of your table, or the cells to format.")
    ask(page, "not delivered")
    expect(page.get_by_role("alert")).to_contain_text("The selected cells are empty")
    page.evaluate("__stub.moveTo('H61')")
    expect(table).to_have_text("Table: Orders!A1:H61 (61 rows, 8 columns)")


def test_excels_own_table_comes_first(page, site) -> None:
    """Some cells of a table of Excel mean the whole table; cells beside it do not."""
    open_excel(page, site, tables=["Orders"], selection="C3:D4")
    table = page.locator("#table")
    expect(table).to_contain_text("Orders!A1:H61")
    page.evaluate("__stub.moveTo('J3')")
    expect(table).to_have_text("Table: Orders!J3 (1 row, 1 column)")
    page.evaluate("__stub.moveTo('H61')")
    expect(table).to_contain_text("Orders!A1:H61")


def test_all_goes_by_keyboard(page, site) -> None:
    """Asked, previewed, applied and undone without a pointer, with a visible focus."""
    open_excel(page, site)
    expect(page.locator("#no-rules")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("not delivered")
    page.keyboard.press("Enter")
    expect(button(page, "Apply")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Apply":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("Applied: Delivered is blank")
    expect(page.locator("#undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("Undone.")
    expect(page.get_by_label("Which cells")).to_be_focused()


def open_held(page, site):
    """Open the page in an Excel that is not there yet; what is returned lets it start."""
    held = []
    page.route(OFFICE, lambda route: held.append(route))
    page.goto(f"{site}?app=excel", wait_until="domcontentloaded")

    def start(**sheet):
        while not held:
            page.wait_for_timeout(20)
        held.pop().fulfill(body=office_script(**sheet), content_type="text/javascript")

    return start


def test_enter_before_excel_is_ready_is_kept(page, site) -> None:
    """A sentence sent while Excel still opens goes off once, as it was, when it has opened."""
    start = open_held(page, site)
    sentence = page.get_by_label("Which cells")
    sentence.press("Enter")
    expect(status(page)).to_contain_text("Write what you would like to see first")
    sentence.fill("not delivered")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("One moment")
    page.keyboard.press("Enter")
    page.keyboard.type(" so far")
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    start()
    expect(status(page)).to_have_text("1 reading in A2:H61.")
    expect(page.locator("html")).to_have_attribute("data-ready", "Excel")
    assert asked.count("suggest") == 1
    sentence.press("Enter")
    expect(status(page)).to_contain_text("No rule was found")
    assert asked.count("suggest") == 2


@pytest.mark.parametrize(
    ("sheet", "message"),
    [({"version": 8}, "too old"), ({"selection": "J70:K90"}, "The selected cells are empty")],
)
def test_an_early_sentence_is_not_lost(page, site, sheet, message) -> None:
    """Where it cannot be answered, that is said and stays; examples do not take its place."""
    start = open_held(page, site)
    sentence = page.get_by_label("Which cells")
    sentence.fill("not delivered")
    sentence.press("Enter")
    expect(status(page)).to_contain_text("One moment")
    start(**sheet)
    expect(page.get_by_role("alert")).to_contain_text(message)
    page.wait_for_timeout(300)
    expect(page.get_by_role("alert")).to_contain_text(message)
    expect(status(page)).to_be_empty()
    expect(page.locator("#first")).to_be_hidden()
    expect(sentence).to_have_value("not delivered")


@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_nobody_is_shut_out(page, site, look) -> None:
    """Axe finds nothing, nothing overflows, and targets are at least 32 pixels high."""
    if look == "forced":
        page.emulate_media(forced_colors="active")
    open_excel(page, site, theme={"isDarkTheme": look == "dark"})
    assert faults(page) == []
    applied(page, "colour scale on Amount")
    ask(page, "amounts over 500 in green")
    expect(page.locator("#cards .card")).to_have_count(4)
    expect(page.locator("html")).to_have_attribute(
        "data-theme", "dark" if look == "dark" else "light"
    )
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PANE["width"]
    heights = page.locator("button:visible").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert min(heights) >= 32


def test_in_a_browser_the_sample_is_shown(page, site) -> None:
    """Without Excel the same page works on a grid: preview, apply, scales, undo."""
    page.set_viewport_size({"width": 1100, "height": 700})
    page.goto(site)
    expect(page.locator("#grid tbody tr")).to_have_count(61)
    assert faults(page) == []
    ask(page, "not delivered")
    button(page, "Preview").click()
    cell = page.locator("#grid tbody tr").nth(1).locator("td").nth(4)
    expect(cell).to_have_css("background-color", "rgb(255, 192, 0)")
    button(page, "Clear preview").click()
    expect(cell).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    applied(page, "not delivered")
    for utterance in ("colour scale on Amount", "bars on Amount", "icons on Amount"):
        applied(page, utterance)
    expect(page.locator("#rules .card")).to_have_count(4)
    amount = page.locator("#grid tbody tr").nth(1).locator("td").nth(6)
    expect(amount).to_have_css("background-image", re.compile("gradient"))
    button(page, "Undo").click()
    expect(page.locator("#rules .card")).to_have_count(3)
    expect(page.locator("#download")).to_be_hidden()


def workbook_bytes() -> bytes:
    """A small workbook of two sheets, with dates and a percentage."""
    book = Workbook()
    book.active.append(["Parcel", "Sent", "Share", "Note", "Delivered"])
    book.active.append(["P-1", dt.date(2026, 8, 1), 0.25, "x", dt.date(2026, 8, 2)])
    book.active.append(["P-2", dt.date(2026, 8, 3), 0.5, "y", None])
    book.active["C2"].number_format = "0%"
    book.create_sheet("Empty")
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def test_in_a_browser_a_workbook_is_formatted(page, site, tmp_path) -> None:
    """A workbook is opened, shown, and comes back with the rules in it."""
    page.goto(site)
    expect(page.locator("#grid tbody tr")).to_have_count(61)
    sent = {"name": "p.xlsx", "mimeType": "application/zip", "buffer": workbook_bytes()}
    page.locator("#file").set_input_files([sent])
    row = page.locator("#grid tbody tr").nth(1).locator("td")
    expect(row).to_have_text(["P-1", "2026-08-01", "25%", "x", "2026-08-02"])
    applied(page, "not delivered")
    with page.expect_download() as download:
        button(page, "Download workbook").click()
    download.value.save_as(tmp_path / "q.xlsx")
    sheet = load_workbook(tmp_path / "q.xlsx").active
    (area,) = sheet.conditional_formatting
    assert (str(area.sqref), area.rules[0].type) == ("E2:E3", "containsBlanks")
    page.locator("#sheet").select_option("Empty")
    ask(page, "not delivered")
    expect(page.get_by_role("alert")).to_contain_text("This sheet is empty")
    broken = {"name": "b.xlsx", "mimeType": "application/zip", "buffer": b"PK no workbook" * 9}
    page.locator("#file").set_input_files([broken])
    expect(page.get_by_role("alert")).to_contain_text("This is no .xlsx workbook")


def ruled_bytes(folder) -> bytes:
    """A workbook of numbers with rules of its own, a data bar among them."""
    book = rich_book(folder / "ruled.xlsx")
    apply_rules(book, "Orders", [BAR, RED], book, overwrite=True)
    return book.read_bytes()


def test_in_a_browser_the_rules_of_a_workbook_are_kept(page, site, tmp_path) -> None:
    """They are painted, explained, moved, replaced and removed as in Excel, and come back so."""
    page.goto(site)
    expect(page.locator("#grid tbody tr")).to_have_count(61)
    sent = {"name": "r.xlsx", "mimeType": "application/zip", "buffer": ruled_bytes(tmp_path)}
    page.locator("#file").set_input_files([sent])
    cards = page.locator("#rules .card")
    expect(cards).to_have_count(5)
    row = page.locator("#grid tbody tr").nth(8).locator("td")
    expect(row.nth(1)).to_have_css("background-color", "rgb(255, 199, 206)")
    expect(row.nth(2)).to_have_css("background-image", re.compile("gradient"))
    expect(page.locator("#download")).to_be_hidden()
    first, second = (cards.nth(place).locator("h3").inner_text() for place in (0, 1))
    page.get_by_role("button", name="Explain").nth(2).click()
    expect(cards.nth(2)).to_contain_text("may be hidden by priority")
    page.get_by_role("button", name="Move down").first.click()
    expect(status(page)).to_contain_text("Moved down")
    assert [cards.nth(place).locator("h3").inner_text() for place in (1, 0)] == [first, second]
    page.get_by_role("button", name="Remove").nth(4).click()
    expect(cards).to_have_count(4)
    page.get_by_role("button", name="Edit").nth(2).click()
    applied(page, "bars on Rank")
    expect(cards).to_have_count(4)
    before = list_rules(tmp_path / "ruled.xlsx", "Orders")
    with page.expect_download() as download:
        button(page, "Download workbook").click()
    download.value.save_as(tmp_path / "back.xlsx")
    after = list_rules(tmp_path / "back.xlsx", "Orders")
    kept = [rule.id for rule in (before[1], before[0])]
    assert [rule.id for rule in after][:2] == kept
    assert [rule.kind for rule in after][2:] == ["dataBar", before[3].kind]
    button(page, "Undo").click()
    button(page, "Undo").click()
    expect(cards).to_have_count(5)


def blocks_bytes() -> bytes:
    """A sheet with a title, blocks side by side, merged cells and a table of Excel's; another."""
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "Two blocks"
    for row in (["Name", None, "Share"], ["a", None, 1], ["b", None, 2], ["c", None, 3]):
        sheet.append([]) if sheet.max_row == 1 else None
        sheet.append(row)
    for row in range(3, 7):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.cell(row, 5, f"right {row}")
    for row in (["K", "V"], ["x", 5], ["y", 6]):
        sheet.append([*[None] * 6, *row])
    sheet.add_table(ExcelTable(displayName="Own", ref="G7:H9"))
    other = book.create_sheet("Other")
    for row in (["Name", "Kind", "Share"], ["d", "k", 4], ["e", "k", 5]):
        other.append(row)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def grid_cell(page, row, column):
    """A cell of the grid, counted from 1."""
    return page.locator("#grid tbody tr").nth(row - 1).locator("td").nth(column - 1)


def test_in_a_browser_a_table_is_chosen(page, site, tmp_path) -> None:
    """By click, by keys and by dragging; every rule goes to the table that it was asked for."""
    page.set_viewport_size({"width": 1100, "height": 700})
    page.goto(site)
    expect(page.locator("#grid tbody tr")).to_have_count(61)
    sent = {"name": "b.xlsx", "mimeType": "application/zip", "buffer": blocks_bytes()}
    page.locator("#file").set_input_files([sent])
    table = page.locator("#table")
    expect(table).to_have_text("Table: Sheet!A3:C6 (4 rows, 3 columns)")
    applied(page, "bars on Share")
    grid_cell(page, 8, 7).click()
    expect(table).to_have_text("Table: Sheet!G7:H9 (3 rows, 2 columns)")
    applied(page, "second column in green")
    grid_cell(page, 4, 1).hover()
    page.mouse.down()
    grid_cell(page, 6, 3).hover()
    page.mouse.up()
    expect(table).to_have_text("Table: Sheet!A4:C6 (3 rows, 3 columns)")
    page.keyboard.press("Shift+Tab")
    page.locator("#grid").focus()
    for key in ("ArrowUp", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(table).to_have_text("Table: Sheet!E3:E6 (4 rows, 1 column)")
    expect(page.locator("#cell")).to_have_text("E5 right 5")
    page.keyboard.press("Shift+ArrowDown")
    expect(table).to_have_text("Table: Sheet!E5:E6 (2 rows, 1 column)")
    grid_cell(page, 1, 8).click()
    expect(table).to_have_text("Select a cell of your table, or the cells to format.")
    page.locator("#sheet").select_option("Other")
    expect(table).to_have_text("Table: Other!A1:C3 (3 rows, 3 columns)")
    expect(page.locator("#rules .card")).to_have_count(0)
    applied(page, "bars on Share")
    page.locator("#sheet").select_option("Sheet")
    expect(page.locator("#rules .card")).to_have_count(2)
    with page.expect_download() as download:
        button(page, "Download workbook").click()
    download.value.save_as(tmp_path / "c.xlsx")
    found = {name: list_rules(tmp_path / "c.xlsx", name) for name in ("Sheet", "Other")}
    assert [rule.sqref for rule in found["Sheet"]] == ["H8:H9", "C4:C6"]
    assert [rule.sqref for rule in found["Other"]] == ["C2:C3"]


def test_in_a_browser_examples_fit_the_table(page, site) -> None:
    """A first run speaks of the columns that the opened workbook has."""
    page.goto(site)
    expect(button(page, "colour scale on Amount")).to_be_visible()
    sent = {"name": "b.xlsx", "mimeType": "application/zip", "buffer": blocks_bytes()}
    page.locator("#file").set_input_files([sent])
    expect(button(page, "Share over 2 in green")).to_be_visible()
    expect(button(page, "colour scale on Amount")).to_be_hidden()
    expect(button(page, "duplicate Name in blue")).to_be_visible()


def test_who_waits_is_told(page, site) -> None:
    """How many come first is said until the rule takes shape."""
    open_excel(page, site)
    page.evaluate(
        "window.__said = []; new MutationObserver(() => __said.push(document.getElementById("
        "'status').textContent)).observe(document.getElementById('status'), {childList: true})"
    )
    events = [("waiting", {"ahead": 12}), ("waiting", {"ahead": 1}), ("waiting", {"ahead": 0})]
    full = {"code": "late", "status": 503, "detail": "the model did not answer"}
    body = "".join(
        f"event: {name}\ndata: {json.dumps(value)}\n\n"
        for name, value in [*events, ("problem", full)]
    )
    page.route(
        "**/suggest", lambda route: route.fulfill(body=body, content_type="text/event-stream")
    )
    ask(page, "not delivered")
    expect(page.get_by_role("alert")).to_contain_text("This takes too long")
    assert [text for text in page.evaluate("__said") if text][:4] == [
        "Looking for rules…",
        "12 requests of others come first…",
        "1 request of others comes first…",
        "Looking for rules…",
    ]


def test_the_page_is_light() -> None:
    """Everything that the page can load comes in 60 kB, and refers to nothing elsewhere."""
    sent = [
        len(each.packed or each.body) for each in Assets.read({"taskpane": FOLDER}).files.values()
    ]
    assert sum(sent) < 60_000
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    for path in files:
        found = set(re.findall(r"https?://[^/\"'\s]+", path.read_text()))
        assert found <= {"https://appsforoffice.microsoft.com", "http://www.w3.org"}, path


def test_the_sample_is_that_of_the_command() -> None:
    """The page's sample is written by the code that writes the sample workbook."""
    assert (FOLDER / "sample.js").read_text() == sample_module(dt.date(2026, 8, 1))


def test_help_is_readable(page, site) -> None:
    """The help page has no fault either."""
    page.goto(f"{site}help.html")
    assert faults(page) == []
