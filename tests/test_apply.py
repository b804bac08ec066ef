"""Applying rules to workbooks without touching anything else."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.formatting.rule import CellIsRule, DataBarRule, FormulaRule, IconSetRule, Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from grammar.errors import HostileWorkbookError, OutputError, RangeError, UnreadableWorkbookError
from server.workbooks import SheetRule, apply_rules
from server.workbooks.bounds import Bounds
from server.workbooks.markup import Xml
from server.workbooks.session import open_sheet

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RED = SheetRule.of(
    "B2:B9",
    CellIsRule(
        operator="greaterThan",
        formula=["5"],
        fill=PatternFill(bgColor="FFFFC7CE"),
        font=Font(color="FF9C0006", bold=True),
    ),
)
LATE = SheetRule.of(
    "A2:D9 F2:F9",
    FormulaRule(
        formula=['AND($A2="ä<b",$B2>1)'], border=Border(left=Side("thin")), stopIfTrue=True
    ),
)
BAR = SheetRule.of("C2:C9", DataBarRule("min", None, "max", None, color="FF638EC6"))
ICONS = SheetRule.of("D2:D9", IconSetRule("3Arrows", "percent", [0, 33, 67]))
ALL = (RED, LATE, BAR, ICONS)
ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
    "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells "
    "phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins "
    "pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors "
    "smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
).split()
"""Children of a worksheet. Source: ECMA-376 part 1, 18.3.1.99."""


def rich_book(path, rules=True):
    """A workbook with most of what openpyxl would drop."""
    book = xlsxwriter.Workbook(path)
    book.set_size(1200, 800)
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, ["Item", "Amount", "Share", "Rank"])
    for row in range(1, 9):
        sheet.write_row(row, 0, [f"item {row}", row, row / 10, 9 - row])
    sheet.write_formula("E2", "=SUM(B2:B9)", None, 36)
    sheet.write_dynamic_array_formula("G2", "=SORT(B2:B9)")
    sheet.add_sparkline("H2", {"range": "Orders!B2:B9"})
    sheet.insert_checkbox("I2", True)
    sheet.insert_textbox("K2", "note")
    sheet.insert_button("K9", {})
    sheet.ignore_errors({"number_stored_as_text": "A1:A9"})
    sheet.merge_range("A12:C12", "merged")
    sheet.data_validation("B2:B9", {"validate": "integer", "criteria": ">", "value": 0})
    sheet.add_table("M1:N4", {"name": "Extra"})
    sheet.write_comment("A1", "a comment")
    sheet.freeze_panes(1, 0)
    if rules:
        yellow = book.add_format({"bg_color": "#FFFF00"})
        sheet.conditional_format(
            "B2:B9", {"type": "cell", "criteria": "<", "value": 3, "format": yellow}
        )
        bar = {"type": "data_bar", "data_bar_2010": True, "bar_color": "#00B050"}
        sheet.conditional_format("C2:C9", bar)
        sheet.conditional_format("D2:D9", {"type": "3_color_scale"})
    book.add_worksheet("Other").write(0, 0, "plain")
    book.close()
    return path


def plain_book(path):
    book = openpyxl.Workbook()
    book.active.title = "Orders"
    for row in range(1, 10):
        book.active.append([f"item {row}", row, row / 10, 9 - row])
    book.save(path)
    return path


def rewritten(source, target, changes):
    """A copy of an archive with some parts changed, added or (None) left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            change = changes.get(name, lambda content: content)
            content = old.read(name) if name in old.namelist() else b""
            content = change(content) if callable(change) else change
            if content is not None:
                new.writestr(name, content)
    return target


def raw_members(path):
    """By name, the bytes that each member has in the file and what the directory says of it."""
    data = path.read_bytes()
    found = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            start = info.header_offset
            lengths = data[start + 26 : start + 28], data[start + 28 : start + 30]
            end = start + 30 + sum(int.from_bytes(length, "little") for length in lengths)
            stored = data[start : end + info.compress_size]
            found[info.filename] = (stored, info.date_time, info.flag_bits, info.external_attr)
    return found


def part(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def rules_of(path, sheet="Orders"):
    """What each rule of a sheet says, the first one first."""
    with open_sheet(path, sheet) as opened:
        return [(rule.sqref, rule.value.canonical(), rule.dxf) for rule in opened.rules]


@pytest.fixture
def book(tmp_path):
    return rich_book(tmp_path / "book.xlsx")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.xlsx"


def test_all_other_parts_are_the_same_bytes(book, output):
    """Only the sheet and the styles differ; order, dates and packed bytes of the rest stay."""
    result = apply_rules(book, "Orders", ALL, output)
    before, after = raw_members(book), raw_members(output)
    assert result.changed
    assert list(before) == list(after)
    differing = {name for name in before if before[name] != after[name]}
    assert differing == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}
    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None


def test_the_text_of_the_sheet_is_kept_around_the_rules(book, output):
    """Cells keep their bytes, and the rules that were there keep all but their priority."""
    apply_rules(book, "Orders", ALL, output)
    old, new = (part(path, "xl/worksheets/sheet1.xml") for path in (book, output))
    cells = old.index(b"</sheetData>")
    assert new[:cells] == old[:cells]
    assert rules_of(output)[len(ALL) :] == rules_of(book)


def test_new_rules_win_over_those_of_the_sheet(book, output):
    """The first rule given gets priority 1; the others of the sheet follow in their order."""
    result = apply_rules(book, "orders", ALL, output)
    assert [rule.priority for rule in result.rules] == [1, 2, 3, 4]
    assert result.sheet == "Orders"
    with open_sheet(output, "Orders") as opened:
        assert [rule.priority for rule in opened.rules] == list(range(1, 8))


def test_openpyxl_reads_the_rules_with_their_styles(book, output):
    """An independent reader sees type, formula, cells and format."""
    apply_rules(book, "Orders", ALL, output)
    with pytest.warns(UserWarning, match="extension is not supported"):
        sheet = openpyxl.load_workbook(output)["Orders"]
    rules = {
        rule.priority: (str(cells.sqref), rule)
        for cells in sheet.conditional_formatting
        for rule in cells.rules
    }
    cells, rule = rules[1]
    assert (cells, rule.operator, rule.formula) == ("B2:B9", "greaterThan", ["5"])
    assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"
    assert (rule.dxf.font.color.rgb, rule.dxf.font.b) == ("FF9C0006", True)
    assert rules[2][1].formula == ['AND($A2="ä<b",$B2>1)']
    assert rules[2][1].stopIfTrue
    assert rules[2][1].dxf.border.left.style == "thin"
    assert rules[4][1].iconSet.iconSet == "3Arrows"


def test_elements_stand_in_the_order_of_the_schema(book, output):
    """A sheet with validation, drawings and tables keeps the order that Excel asks for."""
    apply_rules(book, "Orders", ALL, output)
    root = etree.fromstring(part(output, "xl/worksheets/sheet1.xml"))
    places = [ORDER.index(etree.QName(child).localname) for child in root]
    assert places == sorted(places)
    styles = etree.fromstring(part(output, "xl/styles.xml"))
    dxfs = styles.find(f"{MAIN}dxfs")
    assert int(dxfs.get("count")) == len(dxfs)
    ids = [int(rule.get("dxfId")) for rule in root.iter(f"{MAIN}cfRule") if rule.get("dxfId")]
    assert max(ids) < len(dxfs)


def test_a_data_bar_has_its_2010_twin(book, output):
    """Rule and twin share an id, in the one extension that the sheet has for rules."""
    apply_rules(book, "Orders", [BAR], output)
    root = etree.fromstring(part(output, "xl/worksheets/sheet1.xml"))
    main = {node.text for node in root.iterfind(".//{*}cfRule/{*}extLst/{*}ext/{*}id")}
    twins = {
        node.get("id") for node in root.iterfind(".//{*}ext/{*}conditionalFormattings//{*}cfRule")
    }
    assert len(main) == 2
    assert main == twins
    assert len(root.findall(".//{*}ext/{*}conditionalFormattings")) == 1


@pytest.mark.parametrize("rules", [True, False])
def test_the_same_rules_again_change_nothing(tmp_path, output, rules):
    """A second application gives the same file, byte for byte, and says so."""
    book = rich_book(tmp_path / "book.xlsx", rules)
    apply_rules(book, "Orders", ALL, output)
    again = tmp_path / "again.xlsx"
    result = apply_rules(output, "Orders", ALL, again)
    assert not result.changed
    assert [rule.added for rule in result.rules] == [False] * 4
    assert [rule.priority for rule in result.rules] == [1, 2, 3, 4]
    assert again.read_bytes() == output.read_bytes()


def test_a_format_that_is_there_is_used_again(book, tmp_path, output):
    """Equal formats are one entry of the styles, whichever rules use them."""
    apply_rules(book, "Orders", [RED], output)
    moved = SheetRule("B20:B29", RED.rule, RED.dxf)
    further = tmp_path / "further.xlsx"
    apply_rules(output, "Orders", [moved], further)
    assert part(further, "xl/styles.xml") == part(output, "xl/styles.xml")
    assert raw_members(further)["xl/styles.xml"] == raw_members(output)["xl/styles.xml"]


def test_rules_that_may_hide_another_are_named(tmp_path, output):
    """Above a rule: one that sets the same property or stops, on a common cell."""
    book = plain_book(tmp_path / "book.xlsx")
    fill = CellIsRule(operator="lessThan", formula=["9"], fill=PatternFill(bgColor="FF00FF00"))
    green, apart = SheetRule.of("B1:B4", fill), SheetRule.of("B5:B20", fill)
    result = apply_rules(book, "Orders", [green, RED, apart, ICONS], output)
    ids = [rule.id for rule in result.rules]
    assert [rule.hidden_by for rule in result.rules] == [(), (ids[0],), (ids[1],), ()]
    stopped = apply_rules(output, "Orders", [LATE], tmp_path / "2.xlsx")
    assert stopped.rules[0].hidden_by == ()
    last = apply_rules(tmp_path / "2.xlsx", "Orders", [ICONS], tmp_path / "3.xlsx")
    assert last.rules[0].hidden_by == (stopped.rules[0].id,)


def test_a_number_format_gets_an_id_that_is_free(tmp_path, output):
    """A format's number format does not take the id of another one."""
    book = plain_book(tmp_path / "book.xlsx")
    codes = ["0.000", '0 "pcs"', "0.000"]
    rules = []
    for place, code in enumerate(codes):
        style = DifferentialStyle(numFmt=NumberFormat(numFmtId=164, formatCode=code))
        rules.append(
            SheetRule.of(
                f"B{place + 1}", Rule("cellIs", operator="equal", formula=["1"], dxf=style)
            )
        )
    apply_rules(book, "Orders", rules, output)
    styles = etree.fromstring(part(output, "xl/styles.xml"))
    formats = [
        (node.get("numFmtId"), node.get("formatCode"))
        for node in styles.iterfind(f"{MAIN}dxfs/*/{MAIN}numFmt")
    ]
    assert formats == [("164", "0.000"), ("165", '0 "pcs"')]


def without_styles_relation(content):
    root = etree.fromstring(content)
    for node in list(root):
        if node.get("Type").endswith("/styles"):
            root.remove(node)
    return etree.tostring(root)


@pytest.mark.parametrize(
    "changes",
    [
        {"xl/styles.xml": None},
        {"xl/styles.xml": None, "xl/_rels/workbook.xml.rels": without_styles_relation},
        {"xl/styles.xml": b""},
        {
            "xl/styles.xml": lambda data: (
                data.replace(b'<dxfs count="0" />', b"")
                .replace(b"<dxfs />", b"")
                .replace(b"<dxfs/>", b"")
            )
        },
    ],
)
def test_a_workbook_without_styles_gets_them(tmp_path, output, changes):
    """A missing, empty or unfinished styles part is made good and announced."""
    book = rewritten(plain_book(tmp_path / "plain.xlsx"), tmp_path / "book.xlsx", changes)
    apply_rules(book, "Orders", [RED], output)
    sheet = openpyxl.load_workbook(output)["Orders"]
    (rule,) = (rule for cells in sheet.conditional_formatting for rule in cells.rules)
    assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"


def prefixed(content):
    root = etree.fromstring(content)
    renamed = etree.Element(
        root.tag, root.attrib, nsmap={"x": MAIN[1:-1]} | {k: v for k, v in root.nsmap.items() if k}
    )
    renamed[:] = root[:]
    return etree.tostring(renamed, xml_declaration=True, encoding="UTF-8", standalone=True)


def strict(content):
    return content.replace(MAIN[1:-1].encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")


def utf16(content):
    return etree.tostring(etree.fromstring(content), encoding="UTF-16", xml_declaration=True)


def latin1(content):
    return etree.tostring(etree.fromstring(content), encoding="ISO-8859-1", xml_declaration=True)


@pytest.mark.parametrize("form", [prefixed, strict, utf16, latin1])
def test_sheets_in_other_clothes_take_rules(book, tmp_path, output, form):
    """Prefixes, strict namespaces and other encodings are kept, and the rules fit in."""
    names = ("xl/worksheets/sheet1.xml", "xl/styles.xml")
    dressed = rewritten(book, tmp_path / "dressed.xlsx", dict.fromkeys(names, form))
    apply_rules(dressed, "Orders", ALL, output)
    root = etree.fromstring(part(output, names[0]))
    rules = [node for node in root.iter("{*}cfRule") if node.get("priority")]
    assert {etree.QName(node).namespace for node in rules} == {etree.QName(root).namespace}
    assert len(rules) == 7
    assert any('"ä<b"' in (node.text or "") for node in root.iter("{*}formula"))
    again = apply_rules(output, "Orders", ALL, tmp_path / "again.xlsx")
    assert not again.changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</sheetData>", b"</sheetData><extLst/>"),
        (b"</sheetData>", b'</sheetData  ><extLst><ext uri="{A}"/></extLst>'),
        (b"</sheetData>", b"</sheetData><!-- a comment -->"),
        (b"</sheetData>", b"</sheetData><conditionalFormatting sqref='A1'/>"),
    ],
)
def test_unusual_sheets_take_rules(tmp_path, output, old, new):
    """Empty extensions, comments and empty blocks are no obstacle."""
    name = "xl/worksheets/sheet1.xml"

    def change(content):
        head, mark, _ = content.partition(b"<pageMargins")
        return head.replace(old, new) + b"</worksheet>" if mark else content.replace(old, new)

    book = rewritten(plain_book(tmp_path / "plain.xlsx"), tmp_path / "book.xlsx", {name: change})
    apply_rules(book, "Orders", ALL, output)
    assert len(rules_of(output)) == 4
    assert not apply_rules(output, "Orders", ALL, tmp_path / "again.xlsx").changed


def test_an_empty_sheet_takes_rules(tmp_path, output):
    """A sheet without a single cell has its cells written as one empty tag."""
    book = openpyxl.Workbook()
    book.active.title = "Orders"
    book.save(tmp_path / "empty.xlsx")
    apply_rules(tmp_path / "empty.xlsx", "Orders", [RED], output)
    assert len(rules_of(output)) == 1


def test_rules_of_a_pivot_table_keep_their_priority(tmp_path, output):
    """Pivot tables name rules by priority, so new rules come after all others."""
    name = "xl/worksheets/sheet1.xml"
    rule = b'<cfRule type="top10" priority="7" rank="1"/>'
    pivot = b'<conditionalFormatting pivot="1" sqref="B2">%b</conditionalFormatting>' % rule
    change = {name: lambda content: content.replace(b"</sheetData>", b"</sheetData>" + pivot)}
    book = rewritten(plain_book(tmp_path / "plain.xlsx"), tmp_path / "book.xlsx", change)
    result = apply_rules(book, "Orders", [RED], output)
    assert pivot in part(output, name)
    assert [rule.priority for rule in result.rules] == [8]
    assert "pivot" in result.notes[0]


def test_a_signature_that_breaks_is_noted(book, tmp_path, output):
    """A signed workbook is changed all the same, but the user is told."""
    signed = rewritten(book, tmp_path / "signed.xlsx", {"_xmlsignatures/sig1.xml": b"<a/>"})
    assert "signature" in apply_rules(signed, "Orders", [RED], output).notes[0]


def test_an_output_that_exists_is_refused_unless_asked_for(book, output):
    """Nobody's file is written over by mistake; the source itself may be the output."""
    output.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        apply_rules(book, "Orders", [RED], output)
    assert output.read_text() == "mine"
    apply_rules(book, "Orders", [RED], output, overwrite=True)
    apply_rules(book, "Orders", [RED], book, overwrite=True)
    assert book.read_bytes() == output.read_bytes()


@pytest.mark.parametrize(
    ("sheet", "bounds", "error"),
    [
        ("Sales", Bounds(), RangeError),
        ("Orders", Bounds(tail_bytes=50), HostileWorkbookError),
        ("Orders", Bounds(rules=2), HostileWorkbookError),
        ("Orders", Bounds(styles_bytes=50), HostileWorkbookError),
    ],
)
def test_a_refusal_leaves_nothing_behind(book, output, sheet, bounds, error):
    """On an error there is neither an output nor a temporary file."""
    before = sorted(book.parent.iterdir())
    with pytest.raises(error):
        apply_rules(book, sheet, [RED], output, bounds=bounds)
    assert sorted(book.parent.iterdir()) == before


def test_a_failure_while_writing_leaves_the_old_file(book, output, monkeypatch):
    """A disk that fills up in the middle costs neither source nor target."""
    output.write_text("old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.workbooks.repack._write_directory", full)
    with pytest.raises(OutputError, match="No space left"):
        apply_rules(book, "Orders", [RED], output, overwrite=True)
    assert output.read_text() == "old"
    assert sorted(path.name for path in book.parent.iterdir()) == ["book.xlsx", "out.xlsx"]


def test_a_folder_that_is_not_there_is_an_output_error(book, tmp_path):
    """The message names the output."""
    with pytest.raises(OutputError, match="cannot be written"):
        apply_rules(book, "Orders", [RED], tmp_path / "none" / "out.xlsx")


@pytest.mark.parametrize(
    "content",
    [b"<worksheet", b"<chartsheet/>", b"<!DOCTYPE a><worksheet/>", b"<worksheet><sheetData/></a>"],
)
def test_damaged_sheets_are_refused(book, tmp_path, output, content):
    """A sheet part that is no sheet gives one of our errors."""
    bad = rewritten(book, tmp_path / "bad.xlsx", {"xl/worksheets/sheet1.xml": content})
    with pytest.raises((UnreadableWorkbookError, HostileWorkbookError)):
        apply_rules(bad, "Orders", [RED], output)
    assert not output.exists()


def test_zip_comments_descriptors_and_stored_members_are_kept(tmp_path, output):
    """Streams written with data descriptors, stored members and comments come through."""
    plain = plain_book(tmp_path / "plain.xlsx")
    buffer = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return buffer.write(data)

    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(Unseekable(), "w") as new:
        for name in old.namelist():
            method = zipfile.ZIP_STORED if "theme" in name else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2)), old.read(name), method)
        new.comment = b"kept"
    book = tmp_path / "streamed.xlsx"
    book.write_bytes(buffer.getvalue())
    apply_rules(book, "Orders", [RED], output)
    with zipfile.ZipFile(output) as archive:
        assert archive.comment == b"kept"
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(2020, 2, 2, 2, 2, 2)}
    assert len(rules_of(output)) == 1


attributes = st.dictionaries(
    st.sampled_from(["operator", "rank", "text"]), st.text("a<&\"'é\n", max_size=6), max_size=2
)


@settings(max_examples=60, deadline=None)
@given(attributes, st.text("ab<&>\"' é☃", max_size=12))
def test_any_text_survives_being_written(pairs, text):
    """What is rendered parses to the same value, in any encoding of XML."""
    value = Xml("cfRule", tuple(sorted(pairs.items())), (Xml("formula", text=text),))
    wrapped = f'<a xmlns="urn:a" xmlns:x="urn:a">{value.render("x:")}</a>'
    (element,) = etree.fromstring(wrapped.encode("ascii", "xmlcharrefreplace"))
    read = Xml.of(element)
    assert read.canonical() == value.canonical()
