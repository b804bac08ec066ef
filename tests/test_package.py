"""Opening workbook packages: what is accepted, what is refused and how."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grammar.errors import (
    CellFusionError,
    HostileWorkbookError,
    RangeError,
    UnreadableWorkbookError,
)
from server.workbooks import read_table
from server.workbooks.bounds import DEFAULT_BOUNDS, Bounds
from server.workbooks.package import open_package

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def workbook_bytes(titles=("Orders", "Notes")):
    book = openpyxl.Workbook()
    book.active.title = titles[0]
    book.active["A1"] = "Item"
    for title in titles[1:]:
        book.create_sheet(title)
    book.create_chartsheet("Chart")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def changed(data, changes, compression=zipfile.ZIP_DEFLATED):
    """The archive with some members replaced (bytes or a function), added or left out (None)."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", compression) as new,
    ):
        names = list(dict.fromkeys([*old.namelist(), *changes]))
        for name in names:
            change = changes.get(name, lambda content: content)
            content = old.read(name) if name in old.namelist() else b""
            content = change(content) if callable(change) else change
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def replacing(old, new):
    def change(content):
        assert old in content
        return content.replace(old, new)

    return change


def names_of(data, bounds=DEFAULT_BOUNDS):
    with open_package(data, bounds) as package:
        return [sheet.name for sheet in package.worksheets()]


BOOK = workbook_bytes()


def test_a_workbook_opens_from_bytes_and_path(tmp_path):
    """Both sources give the same sheets."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(BOOK)
    assert names_of(BOOK) == names_of(path) == names_of(str(path)) == ["Orders", "Notes"]


@pytest.mark.parametrize(
    "content_type",
    [
        MAIN,
        MAIN.replace("sheet.main", "template.main"),
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.ms-excel.template.macroEnabled.main+xml",
    ],
)
def test_all_four_kinds_of_workbook_open(content_type):
    """.xlsx, .xltx, .xlsm and .xltm differ in the content type of the main part."""
    types = replacing(MAIN.encode(), content_type.encode())
    assert names_of(changed(BOOK, {"[Content_Types].xml": types}))


def test_a_workbook_typed_by_its_extension_opens():
    """Some writers declare the workbook's type as the default of .xml."""
    override = f'<Override PartName="/xl/workbook.xml" ContentType="{MAIN}"/>'.encode()

    def retype(content):
        content = content.replace(override, b"").replace(override[:-2] + b" />", b"")
        assert b"/xl/workbook.xml" not in content
        return content.replace(
            b'"xml" ContentType="application/xml"', b'"xml" ContentType="%b"' % MAIN.encode()
        )

    assert names_of(changed(BOOK, {"[Content_Types].xml": retype}))


def test_strict_and_prefixed_workbooks_open():
    """Strict namespaces and an x: prefix read as any other."""

    def strict(content):
        content = content.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        return content.replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )

    parts = ("xl/workbook.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels")
    assert names_of(changed(BOOK, dict.fromkeys(parts, strict))) == ["Orders", "Notes"]


def test_targets_may_be_relative_absolute_or_written_with_backslashes():
    """A relationship leads to its part however the path is written."""
    rels = "xl/_rels/workbook.xml.rels"
    relative = replacing(b'"/xl/worksheets/', b'"worksheets/')
    dotted = replacing(b'"/xl/worksheets/', b'"../xl/./worksheets/')
    slashed = replacing(b'"/xl/worksheets/', b'"worksheets\\')
    for change in (relative, dotted, slashed):
        assert names_of(changed(BOOK, {rels: change})) == ["Orders", "Notes"]


def test_sheets_are_found_by_name_whatever_the_case():
    """Excel's sheet names ignore case; others are refused with what there is."""
    with open_package(BOOK) as package:
        assert package.sheet("ORDERS").name == "Orders"
        with pytest.raises(RangeError, match=r"no sheet 'Sales'.*'Orders', 'Notes'"):
            package.sheet("Sales")
        with pytest.raises(RangeError, match="'Chart' is a chartsheet without cells"):
            package.sheet("Chart")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"Item,Price\n", "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or an old .xls; save it as"),
        (BOOK[: len(BOOK) // 2], "truncated"),
        (BOOK[:-30], "truncated"),
        (changed(BOOK, {"xl/workbook.xml": None}), "declares|lost its part"),
        (changed(BOOK, {"[Content_Types].xml": None}), "some other zip"),
        (changed(BOOK, {"xl/workbook.xml": b"<workbook"}), "damaged"),
        (changed(BOOK, {"xl/workbook.xml": b"<a/>"}), "no workbook part"),
        (changed(BOOK, {}, zipfile.ZIP_BZIP2), "packed in a way"),
    ],
)
def test_what_is_no_workbook_is_refused(data, message):
    """One clear line says what the file is or lacks."""
    with pytest.raises(UnreadableWorkbookError, match=message) as caught:
        names_of(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "binary workbook"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "Word",
        ),
        ("image/png", "content type 'image/png'"),
    ],
)
def test_other_formats_are_named(content_type, message):
    """A document of another kind is recognised by its content type."""
    types = replacing(MAIN.encode(), content_type.encode())
    with pytest.raises(UnreadableWorkbookError, match=message):
        names_of(changed(BOOK, {"[Content_Types].xml": types}))


DEEP = b"<workbook>" + b"<a>" * 100 + b"</a>" * 100 + b"</workbook>"
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><workbook>&c;</workbook>'
MANY = b"<workbook><sheets>" + b'<sheet name="a"/>' * 501 + b"</sheets></workbook>"


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("xl/workbook.xml", DEEP, "deeper than 64"),
        ("xl/workbook.xml", BOMB, "document type"),
        ("xl/workbook.xml", BOMB.decode().encode("utf-16"), "document type"),
        ("xl/workbook.xml", MANY, "501 sheets; at most 500"),
        ("xl/media/bomb.bin", bytes(40_000_000), "zip bomb"),
        ("xl/workbook.xml", b"<workbook>" + b" " * 9_000_000 + b"</workbook>", "at most"),
    ],
)
def test_hostile_parts_are_refused(part, content, message):
    """Depth, entities, sheets and sizes are bounded."""
    with pytest.raises(HostileWorkbookError, match=message):
        names_of(changed(BOOK, {part: content}))


ABSURD = b"9" * 5000
"""A number of more digits than Python reads."""


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/workbook.xml", b'activeTab="0"', b'activeTab="%s"' % ABSURD),
        ("xl/worksheets/sheet1.xml", b'<c r="A1"', b'<c r="A1" s="%s"' % ABSURD),
    ],
)
def test_absurd_numbers_are_no_numbers(part, old, new):
    """An index of five thousand digits says nothing; a row of that number is refused."""
    book = changed(BOOK, {part: replacing(old, new)})
    assert read_table(book).sheet == "Orders"
    row = replacing(b'<row r="1"', b'<row r="%s"' % ABSURD)
    with pytest.raises(HostileWorkbookError, match=r"names row 9{20}; a sheet ends at 1048576"):
        read_table(changed(BOOK, {"xl/worksheets/sheet1.xml": row}))


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(archive_bytes=100),
        Bounds(unpacked_bytes=100),
        Bounds(entries=2),
        Bounds(tree_bytes=100),
        Bounds(sheets=1),
        Bounds(xml_depth=1),
        Bounds(seconds=-1),
    ],
)
def test_every_bound_holds(bounds):
    """An ordinary workbook is refused where the bound is made small enough."""
    with pytest.raises(HostileWorkbookError):
        names_of(BOOK, bounds)


def test_overlapping_and_doubled_members_are_refused():
    """Two entries may share neither bytes nor a name."""
    start = BOOK.rindex(b"PK\x05\x06")
    directory = struct.unpack_from("<I", BOOK, start + 16)[0]
    name_length, extra_length, comment_length = struct.unpack_from("<3H", BOOK, directory + 28)
    second = directory + 46 + name_length + extra_length + comment_length
    overlapping = bytearray(BOOK)
    overlapping[second + 42 : second + 46] = BOOK[directory + 42 : directory + 46]
    with pytest.raises(HostileWorkbookError, match="overlaps"):
        names_of(bytes(overlapping))
    doubled = io.BytesIO(BOOK)
    with zipfile.ZipFile(doubled, "a") as archive:
        archive.writestr("XL/Workbook.xml", b"<workbook/>")
    with pytest.raises(HostileWorkbookError, match="two parts of one name"):
        names_of(doubled.getvalue())


def test_a_member_that_lies_about_its_size_is_refused():
    """A wrong CRC shows when the part is read."""
    start = BOOK.index(b"PK\x01\x02")
    lying = bytearray(BOOK)
    while lying[start + 46 : start + 46 + 15] != b"xl/workbook.xml":
        start = lying.index(b"PK\x01\x02", start + 1)
    lying[start + 16] ^= 0xFF
    with pytest.raises(UnreadableWorkbookError, match="size and sum"):
        names_of(bytes(lying))


def test_a_missing_file_is_refused(tmp_path):
    """Neither a missing path nor a folder gives a traceback."""
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(UnreadableWorkbookError, match="cannot be read"):
            names_of(path)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), max_size=8))
def test_mutated_archives_raise_only_our_errors(mutations):
    """Any change of bytes gives the sheets or one of our errors."""
    mutated = bytearray(BOOK)
    for position, value in mutations:
        mutated[position] = value
    with contextlib.suppress(CellFusionError):
        assert isinstance(names_of(bytes(mutated)), list)
