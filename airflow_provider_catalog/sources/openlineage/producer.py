"""Who said it: the producer's URI without its version, so that an upgrade goes on with the history it has."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.masking import mask_uri
from airflow_provider_catalog.sources.checks import text

_VERSION = re.compile(r"v?\d+(?:\.\d+)+(?:[-.+_]?[A-Za-z][\w.+-]*)?|v?\d+\.\d+\.\d+[-+][\w.+-]+")
_REVISION = re.compile(r"[0-9a-f]{7,40}|main|master|HEAD|\$?\{?VERSION\}?")
_TREES = ("tree", "blob")
_RESERVED = "human"


class Producer(NamedTuple):
    """`name` is one over all versions."""

    name: str
    version: str = ""


@lru_cache(maxsize=1024)
def producer(uri: str) -> Producer:
    """`…/tree/1.41.0/integration/spark` and `…/tree/providers-openlineage/2.20.3` lose tree and version."""
    kept: list[str] = []
    version = ""
    parts = re.split(r"([/@#])", mask_uri(uri).rstrip("/"))
    for mark, part in zip(["", *parts[1::2]], parts[::2], strict=True):
        if _VERSION.fullmatch(part) or (kept and kept[-1].lstrip("/") in _TREES and _REVISION.fullmatch(part)):
            version = version or part
        else:
            kept.append(mark + part)
    name = "".join(part for part in kept if part.lstrip("/") not in _TREES)
    if not name or name == _RESERVED:
        raise RejectedError("/producer: a name that is kept for people" if name else "/producer: a version and no name")
    return Producer(name, version)


def stated_producer(stated: Any, envelope_producer: str) -> Producer:
    """Old clients leave it out: who sent the envelope is the next best."""
    return producer(envelope_producer or "unknown" if stated is None else text(stated, "/producer"))
