"""The zip archive of a workbook: checked on opening, copied member by member without a change.

The directory is read here and not by ``zipfile`` since a copy has to keep every byte of the
members that it does not touch, and since each size is to be known before anything is unpacked.
Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from grammar.errors import HostileWorkbookError, UnreadableWorkbookError
from server.workbooks.bounds import Bounds, Deadline

CHUNK = 256 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCATOR64 = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_FULL = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1
_DAMAGED = "the file is truncated or damaged: {}; open and save it in Excel again"


def damaged(reason: str) -> UnreadableWorkbookError:
    """The error for an archive that contradicts itself."""
    return UnreadableWorkbookError(_DAMAGED.format(reason))


@dataclass(frozen=True)
class Member:
    """One entry of the archive; ``entry`` is its record in the directory, as it stands there."""

    name: str
    entry: bytes
    flags: int
    method: int
    crc: int
    packed: int
    unpacked: int
    offset: int


@dataclass(frozen=True)
class _End:
    """Where the directory lies."""

    count: int
    size: int
    offset: int
    comment: bytes


class Archive:
    """The members of a zip archive in the order of their directory."""

    def __init__(self, stream: BinaryIO, bounds: Bounds) -> None:
        """Check form and sizes; nothing is unpacked.

        Raises:
            UnreadableWorkbookError: no zip archive, encrypted or damaged.
            HostileWorkbookError: past the bounds.
        """
        self.stream = stream
        self.bounds = bounds
        self.deadline = Deadline(bounds)
        self.size = stream.seek(0, 2)
        self._check_start()
        end = self._read_end()
        self.comment = end.comment
        self.directory_offset = end.offset
        self.members = tuple(self._read_directory(end))
        self._by_name = {_key(member.name): member for member in self.members}
        self._check_sizes()
        self._ends = self._segments()

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._by_name

    def find(self, name: str) -> Member | None:
        """The member of a part name; case does not count, as OPC has it."""
        return self._by_name.get(_key(name))

    def raw(self, member: Member) -> Iterator[bytes]:
        """The bytes of a member as they lie in the file: header, data and what follows it."""
        position, end = member.offset, self._ends[member]
        while position < end:
            chunk = self._at(position, min(CHUNK, end - position))
            position += len(chunk)
            yield chunk

    def chunks(self, member: Member, limit: int | None = None) -> Iterator[bytes]:
        """The unpacked bytes of a member, piece by piece, checked against size and CRC.

        Raises:
            HostileWorkbookError: it is larger than ``limit`` or takes too long.
            UnreadableWorkbookError: its data is damaged.
        """
        allowed = self.bounds.part_bytes if limit is None else limit
        if member.unpacked > allowed:
            raise HostileWorkbookError(
                f"{member.name} holds {member.unpacked:,} bytes; at most {allowed:,} are read"
            )
        length, crc = 0, 0
        for chunk in self._inflate(member):
            self.deadline.check()
            length += len(chunk)
            crc = zlib.crc32(chunk, crc)
            if length > member.unpacked:
                break
            yield chunk
        if length != member.unpacked or crc != member.crc:
            raise damaged(f"{member.name} does not have the size and sum that it names")

    def read(self, member: Member, limit: int | None = None) -> bytes:
        """All unpacked bytes of a member."""
        return b"".join(self.chunks(member, self.bounds.tree_bytes if limit is None else limit))

    def _inflate(self, member: Member) -> Iterator[bytes]:
        position, end = self._data_span(member)
        inflater = zlib.decompressobj(-15)
        try:
            while position < end:
                packed = self._at(position, min(CHUNK // 4, end - position))
                position += len(packed)
                if member.method == _STORED:
                    yield packed
                    continue
                while packed:
                    yield inflater.decompress(packed, CHUNK)
                    packed = inflater.unconsumed_tail
            while tail := inflater.decompress(b"", CHUNK):
                yield tail
        except zlib.error as error:
            raise damaged(f"{member.name} cannot be unpacked") from error

    def _at(self, position: int, length: int) -> bytes:
        self.stream.seek(position)
        data = self.stream.read(length)
        if len(data) != length:
            raise damaged("it ends too early")
        return data

    def _check_start(self) -> None:
        if self.size > self.bounds.archive_bytes:
            raise HostileWorkbookError(
                f"the file has {self.size:,} bytes; at most {self.bounds.archive_bytes:,} are read"
            )
        start = self._at(0, min(8, self.size))
        if start == _OLE:
            raise UnreadableWorkbookError(
                "the file is encrypted or an old .xls; save it as .xlsx without a password"
            )
        if not start.startswith(b"PK"):
            what = "is no workbook" if start else "is empty"
            raise UnreadableWorkbookError(
                f"the file {what}; open what it is meant to be in Excel and save it as .xlsx"
            )

    def _read_end(self) -> _End:
        start = max(0, self.size - _END.size - 0xFFFF)
        window = self._at(start, self.size - start)
        at = window.rfind(b"PK\x05\x06")
        if at < 0 or len(window) - at < _END.size:
            raise damaged("its directory is missing")
        _, disk, _, _, count, size, offset, length = _END.unpack_from(window, at)
        comment = window[at + _END.size : at + _END.size + length]
        if offset == _FULL or count == 0xFFFF or size == _FULL:
            count, size, offset = self._read_end64(start + at)
        if disk not in (0, 0xFFFF) or offset + size > start + at:
            raise damaged("its directory lies outside the file")
        if count > self.bounds.entries or size > self.bounds.directory_bytes:
            raise HostileWorkbookError(
                f"the archive lists {count:,} entries; at most {self.bounds.entries:,} are read"
            )
        return _End(count, size, offset, comment)

    def _read_end64(self, end: int) -> tuple[int, int, int]:
        """Count, size and offset of the directory where they do not fit into 32 bits."""
        if end < _LOCATOR64.size:
            raise damaged("its directory is missing")
        mark, _, at, _ = _LOCATOR64.unpack(self._at(end - _LOCATOR64.size, _LOCATOR64.size))
        if mark != b"PK\x06\x07" or at > end - _END64.size:
            raise damaged("its directory is missing")
        fields = _END64.unpack(self._at(at, _END64.size))
        if fields[0] != b"PK\x06\x06":
            raise damaged("its directory is missing")
        return fields[7], fields[8], fields[9]

    def _read_directory(self, end: _End) -> Iterator[Member]:
        data = self._at(end.offset, end.size)
        position = 0
        for _ in range(end.count):
            if len(data) - position < _CENTRAL.size:
                raise damaged("its directory is cut off")
            fields = _CENTRAL.unpack_from(data, position)
            length = _CENTRAL.size + sum(fields[10:13])
            entry = data[position : position + length]
            if fields[0] != b"PK\x01\x02" or len(entry) != length:
                raise damaged("its directory is cut off")
            position += length
            yield _member(entry)

    def _check_sizes(self) -> None:
        if len(self._by_name) != len(self.members):
            raise HostileWorkbookError("the archive holds two parts of one name")
        total = sum(member.unpacked for member in self.members)
        if total > self.bounds.unpacked_bytes:
            raise HostileWorkbookError(
                f"the archive unpacks to {total:,} bytes; "
                f"at most {self.bounds.unpacked_bytes:,} are read"
            )
        for member in self.members:
            self._check_member(member)

    def _check_member(self, member: Member) -> None:
        if member.flags & _ENCRYPTED:
            raise UnreadableWorkbookError(
                f"{member.name} is encrypted; save the workbook without a password"
            )
        if member.method not in (_STORED, _DEFLATED):
            raise UnreadableWorkbookError(
                f"{member.name} is packed in a way that Excel cannot read"
            )
        if member.method == _STORED and member.packed != member.unpacked:
            raise damaged(f"{member.name} does not have the size that it names")
        allowed = self.bounds.ratio * max(member.packed, 1)
        if member.unpacked > self.bounds.ratio_free_bytes and member.unpacked > allowed:
            raise HostileWorkbookError(
                f"{member.name} unpacks to more than {self.bounds.ratio} times its size; "
                "it looks like a zip bomb"
            )

    def _data_span(self, member: Member) -> tuple[int, int]:
        header = self._at(member.offset, _LOCAL.size)
        fields = _LOCAL.unpack(header)
        if fields[0] != b"PK\x03\x04":
            raise damaged(f"{member.name} is not where the directory says")
        start = member.offset + _LOCAL.size + fields[9] + fields[10]
        return start, start + member.packed

    def _segments(self) -> dict[Member, int]:
        """The end of each member: where the next one or the directory starts."""
        ordered = sorted(self.members, key=lambda member: member.offset)
        starts = [member.offset for member in ordered[1:]]
        ends = dict(zip(ordered, [*starts, self.directory_offset], strict=True)) if ordered else {}
        for member, end in ends.items():
            if self._data_span(member)[1] > end:
                raise HostileWorkbookError(f"{member.name} overlaps another part of the archive")
        return ends


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _member(entry: bytes) -> Member:
    fields = _CENTRAL.unpack_from(entry)
    flags, method, crc = fields[3], fields[4], fields[7]
    name_end = _CENTRAL.size + fields[10]
    sizes = _wide(entry[name_end : name_end + fields[11]], (fields[9], fields[8], fields[16]))
    try:
        name = entry[_CENTRAL.size : name_end].decode("utf-8" if flags & 0x800 else "cp437")
    except UnicodeDecodeError as error:
        raise damaged("its directory has a name that is no text") from error
    return Member(name, entry, flags, method, crc, sizes[1], sizes[0], sizes[2])


def _wide(extra: bytes, sizes: tuple[int, int, int]) -> tuple[int, int, int]:
    """Unpacked size, packed size and offset, from the Zip64 field where they do not fit."""
    span = zip64_span(extra)
    position = span[0] + 4 if span else 0
    wide = []
    for size in sizes:
        if size == _FULL and span and position + 8 <= span[1]:
            size = int.from_bytes(extra[position : position + 8], "little")
            position += 8
        wide.append(size)
    return wide[0], wide[1], wide[2]


def zip64_span(extra: bytes) -> tuple[int, int] | None:
    """Start and end of the Zip64 field in the extra fields of an entry."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1:
            return position, min(position + 4 + length, len(extra))
        position += 4 + length
    return None
