"""Bytes on disk: small values as they are, larger ones deflated, told apart by their first byte."""

from __future__ import annotations

import zlib

_SMALL = 256


def pack(body: bytes, level: int = 1) -> bytes:
    if len(body) < _SMALL:
        return b"0" + body
    packed = zlib.compress(body, level)
    return b"z" + packed if len(packed) < len(body) else b"0" + body


def unpack(stored: bytes | memoryview) -> bytes:
    raw = bytes(stored)
    return zlib.decompress(raw[1:]) if raw[:1] == b"z" else raw[1:]
