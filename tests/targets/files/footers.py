"""Footers of Parquet as somebody may write them: a schema in few words, by a writer of Thrift of our own.

A node is a list: how often ("required", "optional", "repeated"), its name, what else its fields say by their numbers,
and the nodes in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

_OFTEN = {"required": 0, "optional": 1, "repeated": 2}
Node = Sequence[Any]


def footer(*nodes: Node, after: bytes = b"") -> bytes:
    """Version, schema, rows; `after` is what stands where row groups would."""
    elements = [*_elements(["required", "schema", {}, list(nodes)])]
    schema = _list(12, [_struct(each) for each in elements])
    return _field(0, 1, 5) + _zigzag(1) + _field(1, 2, 9) + schema + _field(2, 3, 6) + _zigzag(7) + after + b"\0"


def file_of(footer_: bytes, before: bytes = b"", magic: bytes = b"PAR1") -> bytes:
    return b"PAR1" + before + footer_ + len(footer_).to_bytes(4, "little") + magic


def _elements(node: Node) -> Iterator[dict[int, Any]]:
    often, name, said, inner = (*node, {}, [])[:4] if len(node) < 4 else node
    own: dict[int, Any] = {3: _OFTEN[often], 4: name, **{int(key): value for key, value in said.items()}}
    yield own | ({5: len(inner)} if inner and 5 not in own else {})
    for each in inner:
        yield from _elements(each)


def _struct(said: dict[int, Any]) -> bytes:
    made, last = b"", 0
    for number in sorted(said):
        kind, body = _value(said[number])
        made += _field(last, number, kind) + body
        last = number
    return made + b"\0"


def _value(value: Any) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return (1 if value else 2), b""
    if isinstance(value, int):
        return 5, _zigzag(value)
    if isinstance(value, str):
        text = value.encode()
        return 8, _varint(len(text)) + text
    if isinstance(value, list):  # one byte
        return 3, bytes(value)
    return 12, _struct({int(key): each for key, each in value.items()})


def _field(last: int, number: int, kind: int) -> bytes:
    step = number - last
    return bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _zigzag(number)


def _list(kind: int, items: Sequence[bytes]) -> bytes:
    size = len(items)
    head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + _varint(size)
    return head + b"".join(items)


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _varint(number: int) -> bytes:
    made = b""
    while number >= 0x80:
        made += bytes([number & 0x7F | 0x80])
        number >>= 7
    return made + bytes([number])
