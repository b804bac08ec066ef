"""Applying rules to packages that are written in unusual ways."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from lxml import etree
from rich_workbooks import (
    ALL,
    MAIN,
    RED,
    part,
    plain_book,
    rewritten,
    rich_book,
    rules_of,
)

from server.workbooks import apply_rules


@pytest.fixture
def book(tmp_path):
    return rich_book(tmp_path / "book.xlsx")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.xlsx"


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
