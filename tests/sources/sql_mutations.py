"""Broken SQL: texts of the golden files with something wrong in them, as people, programs and networks break them."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple, TypeAlias

from tests.sources.sql_corpus import CORPUS

Words: TypeAlias = list[str]

DIALECTS = tuple(dict.fromkeys(case.dialect for case in CORPUS))

_WORD = re.compile(r"(?s)\s+|\w+|.")
_MARKS = re.findall(
    r"\S+",
    r""" ' " ` [ ] $$ $q$ E' N' q'[ ''' '' "" -- // /* */ /*+ ( ) (( )) { } {{ }} {% %} ${ , . .. ; : :: := = => -> ? @
    @@ @~/ # ## % %s %( %(x)s & * < << > | || \ ~ ! - + NULL SELECT FROM 0 1e999 """,
)
_STRANGE = [*"\x00\x01\x0b\r\x1b\x7f\x85\xa0\u200b\u2028\u202e\ufeff\ufffd\ud800\udfffßﬀéİ表🙂", "# ", "x" * 300]
_AROUND = (("(", ")"), ("'", "'"), ("(SELECT ", ")"), ("$$", "$$"), ("BEGIN ", " END"), ("{{", "}}"))
_BROKEN, _TIMES = (1, 1, 1, 2, 2, 3, 5), (2, 3, 10, 40)
"""In so many places; so often repeated."""


class Broken(NamedTuple):
    dialect: str
    sql: str


def broken(rng: Random) -> Broken:
    """One in four is read as if it were of another dialect."""
    case = rng.choice(CORPUS)
    words = _words(case.sql)
    for _ in range(rng.choice(_BROKEN)):
        words = rng.choice(_BREAKS)(words, rng) or _words("")
    return Broken(rng.choice((case.dialect, case.dialect, case.dialect, rng.choice(DIALECTS))), "".join(words))


def _words(text: str) -> Words:
    return _WORD.findall(text) or [""]


def _strange(rng: Random) -> str:
    return rng.choice((rng.choice(_MARKS), rng.choice(_STRANGE), rng.choice(_words(rng.choice(CORPUS).sql))))


def _part(words: Words, rng: Random) -> tuple[int, int]:
    begin = rng.randrange(len(words))
    return begin, begin + rng.randint(1, 6)


def _delete(words: Words, rng: Random) -> Words:
    begin, end = _part(words, rng)
    return words[:begin] + words[end:]


def _repeat(words: Words, rng: Random) -> Words:
    """Often, too: of some words each one may double the work of a parser."""
    begin, end = _part(words, rng)
    return words[:begin] + words[begin:end] * rng.choice(_TIMES) + words[end:]


def _swap(words: Words, rng: Random) -> Words:
    one, other = rng.randrange(len(words)), rng.randrange(len(words))
    found = list(words)
    found[one], found[other] = found[other], found[one]
    return found


def _move(words: Words, rng: Random) -> Words:
    begin, end = _part(words, rng)
    rest = words[:begin] + words[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + words[begin:end] + rest[at:]


def _insert(words: Words, rng: Random) -> Words:
    at, space = rng.randrange(len(words) + 1), rng.choice(("", " "))
    return [*words[:at], space, _strange(rng), space, *words[at:]]


def _replace(words: Words, rng: Random) -> Words:
    at = rng.randrange(len(words))
    return [*words[:at], _strange(rng), *words[at + 1 :]]


def _cut(words: Words, rng: Random) -> Words:
    """Within a word, too."""
    text = "".join(words)
    at = rng.randrange(len(text) + 1)
    return _words(rng.choice((text[:at], text[at:])))


def _splice(words: Words, rng: Random) -> Words:
    """The beginning of one, and the end of another."""
    other = _words(rng.choice(CORPUS).sql)
    return words[: rng.randrange(len(words) + 1)] + other[rng.randrange(len(other)) :]


def _nest(words: Words, rng: Random) -> Words:
    begin, end = _part(words, rng)
    (opening, closing), times = rng.choice(_AROUND), rng.choice(_TIMES)
    return [*words[:begin], *[opening] * times, *words[begin:end], *[closing] * times, *words[end:]]


_BREAKS: tuple[Callable[[Words, Random], Words], ...] = (
    *(_delete, _repeat, _swap, _move, _insert, _insert, _replace, _replace, _cut, _splice, _nest),
)
