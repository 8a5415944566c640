"""Bodies of requests, read within limits: never more in memory than was allowed, packed or not."""

from __future__ import annotations

import zlib

from fastapi import Request

from airflow_provider_catalog.errors import RejectedError, TooLargeError

_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}


async def body(request: Request, limit: int) -> bytes:
    """As it was meant: without the packing of the way."""
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated) > limit:
        raise TooLargeError(int(stated), limit)
    packed = await _read(request, limit)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return packed
    if encoding not in _PACKED:
        raise RejectedError(f"Content-Encoding {encoding[:50]!r}: send gzip, deflate or nothing")
    return _unpacked(packed, _PACKED[encoding], limit)


async def _read(request: Request, limit: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLargeError(size, limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _unpacked(packed: bytes, window: int, limit: int) -> bytes:
    """A small packed body may be a large one: it is unpacked up to the limit and no further."""
    unpacker = zlib.decompressobj(window)
    try:
        found = unpacker.decompress(packed, limit + 1)
    except zlib.error:
        raise RejectedError("the body is not what its Content-Encoding says") from None
    if len(found) > limit:
        raise TooLargeError(len(found), limit)
    if not unpacker.eof or unpacker.unused_data:
        raise RejectedError("the packed body is cut off, or followed by something else")
    return found
