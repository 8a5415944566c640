"""Bytes on disk: small values as they are, larger ones deflated, told apart by their first byte.

With the extra `fast` the same format is written and read several times as fast; what one wrote the other reads.
"""

from __future__ import annotations

import zlib

try:
    from isal.isal_zlib import compress, decompress

    _LEVEL = 0
except ImportError:
    from zlib import compress, decompress

    _LEVEL = 1

_SMALL = 256


def pack(body: bytes) -> bytes:
    """What is written by the thousand: soon rather than small."""
    return _packed(body, compress(body, _LEVEL)) if len(body) >= _SMALL else b"0" + body


def pack_small(body: bytes) -> bytes:
    """What is written once and kept for long."""
    return _packed(body, zlib.compress(body, 6))


def _packed(body: bytes, deflated: bytes) -> bytes:
    return b"z" + deflated if len(deflated) < len(body) else b"0" + body


def unpack(stored: bytes | memoryview) -> bytes:
    raw = bytes(stored)
    return decompress(raw[1:]) if raw[:1] == b"z" else raw[1:]
