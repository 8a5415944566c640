"""AWS's JSON 1.1 over HTTP/1.1: what a request says, and what is answered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from tests.glue.model import Document
from tests.glue.refusals import Refused

_PREFIX = "AWSGlue."
_REASONS = {200: "OK", 400: "Bad Request", 429: "Too Many Requests", 500: "Internal Server Error"}


class Head(NamedTuple):
    """The first line and the headers, by their names in lower case."""

    method: str
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", "0"))

    @property
    def operation(self) -> str:
        """As X-Amz-Target names it; empty for what is no request to Glue."""
        target = self.headers.get("x-amz-target", "")
        return target.removeprefix(_PREFIX) if self.method == "POST" and target.startswith(_PREFIX) else ""


def head(raw: bytes) -> Head:
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return Head(first.split(" ")[0], {name.strip().lower(): value.strip() for name, _, value in pairs})


def document(body: bytes) -> Document:
    try:
        read = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refused("SerializationException", "The request is no JSON.") from error
    if not isinstance(read, dict):
        raise Refused("SerializationException", "Start of structure or map found where not expected.")
    return read


def expect_signed(headers: Mapping[str, str], region: str) -> None:
    """The signature itself is not looked at; that there is one, and for which region and service, is."""
    authorization = headers.get("authorization", "")
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    if scope[2:] != [region, "glue", "aws4_request"]:
        said = f"Credential should be scoped to a valid region, not '{scope[2] if len(scope) > 2 else ''}'."
        raise Refused("InvalidSignatureException", said, 403)


def answer(answered: Document) -> bytes:
    return _response(200, orjson.dumps(answered))


def refusal(refused: Refused) -> bytes:
    body = {"__type": refused.code, "Message": refused.message, **refused.members}
    return _response(refused.status, orjson.dumps(body), f"x-amzn-ErrorType: {refused.code}\r\n")


def page(status: int, message: str) -> bytes:
    """What a load balancer says when there is nobody behind it."""
    return _response(status, f"<html><body>{message}</body></html>".encode(), kind="text/html")


def _response(status: int, body: bytes, more: str = "", kind: str = "application/x-amz-json-1.1") -> bytes:
    lines = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Refused')}\r\n"
        f"Content-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"x-amzn-RequestId: {uuid.uuid4()}\r\n{more}\r\n"
    )
    return lines.encode() + body


def copied(value: Any) -> Any:
    """The same again, as somebody at the other end of a connection has it."""
    return orjson.loads(orjson.dumps(value))
