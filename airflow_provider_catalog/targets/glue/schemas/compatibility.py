"""The eight compatibility modes: what a new definition breaks of those before it, and whether that is forbidden.

judged = judge("AVRO", "BACKWARD", definition, versions)
judged.broken     why nobody should register it; empty where there is nothing against it
judged.doubts     what AWS has to decide, as this check cannot
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from airflow_provider_catalog.targets.glue.schemas import avro, json_schema, protobuf
from airflow_provider_catalog.targets.glue.schemas.problem import Problem, UnreadableDefinition
from airflow_provider_catalog.targets.glue.schemas.wording import sentence

BACKWARD, FORWARD = "BACKWARD", "FORWARD"
MODES: Mapping[str, frozenset[str]] = {
    "NONE": frozenset(),
    "DISABLED": frozenset(),
    "BACKWARD": frozenset({BACKWARD}),
    "BACKWARD_ALL": frozenset({BACKWARD}),
    "FORWARD": frozenset({FORWARD}),
    "FORWARD_ALL": frozenset({FORWARD}),
    "FULL": frozenset({BACKWARD, FORWARD}),
    "FULL_ALL": frozenset({BACKWARD, FORWARD}),
}
"""What each forbids to break."""
_Problems = Callable[[str, str], Iterable[Problem]]
FORMATS: Mapping[str, _Problems] = {
    "AVRO": avro.problems,
    "JSON": json_schema.problems,
    "PROTOBUF": protobuf.problems,
}
_SHOWN = 20


class Version(NamedTuple):
    """One that a new definition is held to."""

    number: int
    definition: str


class Breaking(NamedTuple):
    """`mode`: BACKWARD or FORWARD, which forbid it together with those that are named after them."""

    mode: str
    version: int
    path: str
    sentence: str
    sure: bool

    def to_json(self) -> dict[str, object]:
        return {"mode": self.mode, "version": self.version, "path": self.path, "change": self.sentence}


class Judgement(NamedTuple):
    """`broken`: what the mode forbids. `allowed`: what breaks somebody and this mode does not mind."""

    broken: tuple[Breaking, ...] = ()
    doubts: tuple[str, ...] = ()
    allowed: tuple[Breaking, ...] = ()


def all_versions(mode: str) -> bool:
    """Whether it holds a definition to every version, or to the latest alone."""
    return mode.endswith("_ALL")


def judge(data_format: str, mode: str, definition: str, held: Sequence[Version]) -> Judgement:
    """`held`: what the mode looks at, the latest last. Raises where it is certain that this is no definition."""
    found: list[Breaking] = []
    doubts: list[str] = []
    for version in held:
        try:
            found += _breaks(FORMATS[data_format], definition, version)
        except UnreadableDefinition as error:
            if error.certain:
                raise
            doubts.append(f"version {version.number} is not compared: {error}")
        except RecursionError:
            doubts.append(f"version {version.number} is not compared: one of the two is nested too deep")
    forbidden = [each for each in found if each.mode in MODES[mode]]
    return Judgement(
        tuple(each for each in forbidden if each.sure),
        tuple(dict.fromkeys([*doubts, *(each.sentence for each in forbidden if not each.sure)])),
        tuple(each for each in found if each.mode not in MODES[mode] and each.sure),
    )


def expect_readable(data_format: str, definition: str) -> None:
    """Raises where it is certain that nobody takes it."""
    try:
        list(FORMATS[data_format](definition, definition))
    except UnreadableDefinition as error:
        if error.certain:
            raise
    except RecursionError:
        return


def told(mode: str, broken: Sequence[Breaking]) -> str:
    """Why it is not registered, a line each."""
    lines = [f"the compatibility mode {mode} forbids this definition, and nothing was registered:"]
    lines += [f"- {each.sentence}" for each in broken[:_SHOWN]]
    if len(broken) > _SHOWN:
        lines.append(f"- and {len(broken) - _SHOWN} more")
    return "\n".join(lines)


def _breaks(problems: _Problems, definition: str, version: Version) -> Iterator[Breaking]:
    for mode, pair in ((BACKWARD, (definition, version.definition)), (FORWARD, (version.definition, definition))):
        for each in dict.fromkeys(problems(*pair)):
            said = sentence(each, version.number, backward=mode == BACKWARD)
            yield Breaking(mode, version.number, each.path, said, each.sure)
