"""What a part was wrapped in for its journey, undone piece by piece.

    transfer, charset = TransferDecoder(part.encoding), CharsetDecoder(part.charset)
    for data in pieces:
        print(charset.decode(transfer.decode(data)), end="")
    print(charset.decode(transfer.decode(b"", final=True), final=True))
"""

from __future__ import annotations

from typing import Any, List, Optional, Union

from ._native import ffi, lib

__all__ = ["CharsetDecoder", "TransferDecoder"]

_ROOM = 65536


class _Decoder:
    """A decoder of the library, by a name that a sender gave."""

    def __init__(self, kind: str, name: Optional[str]) -> None:
        if not isinstance(name, (str, type(None))):
            raise TypeError(f"{kind}: str expected, not {type(name).__name__}")
        self._decode = getattr(lib, f"mw_{kind}_decode")
        self._finish = getattr(lib, f"mw_{kind}_finish")
        of = getattr(lib, f"mw_{kind}_of")
        # What is not known is given as it is, as if it had no name.
        raw = (name or "").encode("utf-8", "replace").replace(b"\0", b"?")
        self._handle = ffi.new(f"mw_{kind} *", of(raw))
        if not self._handle.kind:
            self._handle[0] = of(b"")
        self._out = ffi.new("uint8_t[]", _ROOM)
        self._read = ffi.new("size_t *")
        self._written = ffi.new("size_t *")

    def _run(self, data: Union[bytes, bytearray, memoryview], final: bool) -> bytes:
        parts: List[bytes] = []
        handle, out, read, written = self._handle, self._out, self._read, self._written
        with ffi.from_buffer("uint8_t[]", data) as source:
            at, size = 0, len(source)
            while at < size:
                self._decode(handle, source + at, size - at, out, _ROOM, read, written)
                at += read[0]
                parts.append(ffi.buffer(out, written[0])[:])
        while final:
            count = self._finish(handle, out, _ROOM)
            parts.append(ffi.buffer(out, count)[:])
            final = count == _ROOM
        return parts[0] if len(parts) == 1 else b"".join(parts)


class TransferDecoder(_Decoder):
    """Undoes a Content-Transfer-Encoding (RFC 2045 section 6): that of a `Part`, or a header's.

    No input is an error: what is not of base64's alphabet is left out, what is not
    quoted-printable stays as it is. Of an encoding that is not known here, all does.
    """

    def __init__(self, encoding: Optional[str]) -> None:
        super().__init__("transfer", encoding)

    def decode(self, data: Union[bytes, bytearray, memoryview], final: bool = False) -> bytes:
        """What the next piece gives, whatever its length. `final`: it was the last one."""
        return self._run(data, final)


class CharsetDecoder(_Decoder):
    """Makes `str` of a charset's bytes: U+FFFD of those that it does not have.

    A charset that is not named, or not known here, is taken for UTF-8 where it is that, else for
    windows-1252.
    """

    def __init__(self, charset: Optional[str]) -> None:
        super().__init__("charset", charset)

    def decode(self, data: Union[bytes, bytearray, memoryview], final: bool = False) -> str:
        """The characters that the next piece completes. `final`: it was the last one."""
        return str(self._run(data, final), "utf-8")
