"""Writing an archive anew with some members replaced and all others copied byte for byte.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from grammar.errors import OutputError
from server.workbooks.archive import CHUNK, Archive, Member, zip64_span

Content = Callable[[], Iterable[bytes]]
"""Gives the new bytes of a part, piece by piece."""

_LEVEL = 3
"""Half the time of zlib's default for a tenth more bytes; Excel itself packs with 1."""
_LOCAL_SIZE, _CENTRAL_SIZE = 30, 46
_LIMIT = 0xFFFFFFFF
_KEPT_FLAGS = 0x0800
"""Of an entry's flags, whether its name is UTF-8."""
_NO_DATE = 0x0021
"""1980-01-01, so that the same work gives the same bytes."""


def repack(
    archive: Archive,
    output: BinaryIO,
    replaced: Mapping[str, Content],
    added: Mapping[str, Content] | None = None,
) -> None:
    """Write the archive to a seekable stream: parts by name ``replaced`` or ``added`` at the end.

    Raises:
        OutputError: the result is past four gigabytes.
    """
    changed = {archive.find(name): content for name, content in replaced.items()}
    entries: dict[int, bytes] = {}
    for member in sorted(archive.members, key=lambda member: member.offset):
        if member in changed:
            entries[member.offset] = _write_part(output, member.entry, changed[member]())
        else:
            entries[member.offset] = _moved(member.entry, output.tell())
            output.writelines(archive.raw(member))
    directory = [entries[member.offset] for member in archive.members]
    for name, content in (added or {}).items():
        directory.append(_write_part(output, _new_entry(name), content()))
    _write_directory(output, directory, archive.comment)


def _write_directory(output: BinaryIO, directory: list[bytes], comment: bytes) -> None:
    start = output.tell()
    output.writelines(directory)
    size = output.tell() - start
    if output.tell() > _LIMIT or len(directory) > 0xFFFF:
        raise OutputError("the workbook would be larger than four gigabytes")
    count = len(directory)
    record = (b"PK\x05\x06", 0, 0, count, count, size, start, len(comment))
    output.write(struct.pack("<4s4H2IH", *record) + comment)


def _moved(entry: bytes, offset: int) -> bytes:
    """A directory record that names another place and is otherwise the same."""
    changed = bytearray(entry)
    if struct.unpack_from("<I", entry, 42)[0] != _LIMIT:
        struct.pack_into("<I", changed, 42, offset)
        return bytes(changed)
    name_length, extra_length = struct.unpack_from("<2H", entry, 28)
    start = _CENTRAL_SIZE + name_length
    span = zip64_span(entry[start : start + extra_length]) or (0, 0)
    wide_before = sum(size == _LIMIT for size in struct.unpack_from("<2I", entry, 20))
    struct.pack_into("<Q", changed, start + span[0] + 4 + 8 * wide_before, offset)
    return bytes(changed)


def _new_entry(name: str) -> bytes:
    raw = name.encode()
    fields = (b"PK\x01\x02", 20, 20, _KEPT_FLAGS, 8, 0, _NO_DATE, 0, 0, 0, len(raw))
    return struct.pack("<4s6H3I5H2I", *fields, 0, 0, 0, 0, 0, 0) + raw


def _write_part(output: BinaryIO, entry: bytes, content: Iterable[bytes]) -> bytes:
    """Pack a part at the end of the output; its directory record, made of the former one."""
    flags, date = struct.unpack_from("<H", entry, 8)[0] & _KEPT_FLAGS, entry[12:16]
    name = entry[_CENTRAL_SIZE : _CENTRAL_SIZE + struct.unpack_from("<H", entry, 28)[0]]
    offset = output.tell()
    output.write(bytes(_LOCAL_SIZE) + name)
    crc, packed, unpacked = _deflate(output, content)
    end = output.tell()
    if max(end, unpacked) > _LIMIT:
        raise OutputError("the workbook would be larger than four gigabytes")
    sizes = struct.pack("<3I", crc, packed, unpacked)
    head = struct.pack("<3H", 20, flags, 8) + date + sizes
    output.seek(offset)
    output.write(b"PK\x03\x04" + head + struct.pack("<2H", len(name), 0))
    output.seek(end)
    return _record(entry, head, name, offset)


def _record(entry: bytes, head: bytes, name: bytes, offset: int) -> bytes:
    comment_length = struct.unpack_from("<H", entry, 32)[0]
    comment = entry[len(entry) - comment_length :]
    lengths = struct.pack("<3H", len(name), 0, comment_length)
    attributes = entry[34:42]
    return entry[:6] + head + lengths + attributes + struct.pack("<I", offset) + name + comment


def _deflate(output: BinaryIO, content: Iterable[bytes]) -> tuple[int, int, int]:
    """CRC, packed and unpacked size of what was written."""
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    crc, packed, unpacked = 0, 0, 0
    for chunk in content:
        crc = zlib.crc32(chunk, crc)
        unpacked += len(chunk)
        packed += output.write(deflater.compress(chunk))
    packed += output.write(deflater.flush())
    return crc, packed, unpacked


def pieces(data: bytes) -> Iterator[bytes]:
    """The data in chunks that do not cost a second copy of it."""
    view = memoryview(data)
    for start in range(0, len(data), CHUNK):
        yield bytes(view[start : start + CHUNK])


__all__ = ["Content", "Member", "pieces", "repack"]
