"""Lineage as a tree that people like to read, and as a Mermaid diagram."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from airflow_provider_catalog.cli.mermaid import Arrow, flowchart
from airflow_provider_catalog.cli.output import Style, clean, pad, when, width
from airflow_provider_catalog.services.lineage import LineageAnswer, LineageNode, Total, criticality

_UNICODE, _ASCII = ("├── ", "└── ", "│   "), ("|-- ", "`-- ", "|   ")


class _Line(NamedTuple):
    """A line of the tree: what it hangs on, what it is called, what there is to say of it."""

    branch: str
    name: str
    beside: str = ""


def tree(answer: LineageAnswer, style: Style, children: int = 10) -> str:
    """Each dataset once, under the one through which the best known way leads; `children` of one at most (0: all)."""
    lines = [_title(answer, style)]
    sides = (
        ("upstream", answer.upstream, answer.total_upstream),
        ("downstream", answer.downstream, answer.total_downstream),
    )
    for side, nodes, total in sides:
        if answer.direction in {side, "both"}:
            lines += ["", *_side(answer, side, nodes, total, style, children)]
    if answer.truncated:
        lines += ["", style.warn(f"There is more than the {answer.limit} nearest: --limit shows more.")]
    return "\n".join(lines)


def _title(answer: LineageAnswer, style: Style) -> str:
    start = answer.start
    name = clean(start.label.id if start.column is None else f"{start.label.id}#{start.column}")
    at = f", as of {when(answer.as_of)}" if answer.as_of is not None else ""
    return (
        f"{style.bold(name)}  {style.dim(f'impact {answer.impact_score:.2f} {criticality(answer.impact_score)}{at}')}"
    )


def _side(
    answer: LineageAnswer, side: str, nodes: Sequence[LineageNode], total: Total, style: Style, children: int
) -> Iterator[str]:
    count = f"{total.count}{'' if total.exact else ' or more'}"
    shown = "" if total.count == len(nodes) else f", {len(nodes)} within {_hops(answer.depth)}"
    yield f"{side} {style.dim(f'({count}{shown})')}"
    lines = list(_lines(answer, nodes, style, children))
    to = min(max((width(line.branch + line.name) for line in lines), default=0), 80)
    for line in lines:
        left = pad(line.branch + line.name, to) if line.beside else line.branch + line.name
        yield (
            style.dim(left[: len(line.branch)])
            + left[len(line.branch) :]
            + (f"  {style.dim(line.beside)}" * bool(line.beside))
        )


def _lines(answer: LineageAnswer, nodes: Iterable[LineageNode], style: Style, children: int) -> Iterator[_Line]:
    """Depth first, without recursion: lineage may be deep."""
    tee, last, bar = _UNICODE if style.unicode else _ASCII
    below: defaultdict[int | None, list[LineageNode]] = defaultdict(list)
    shown = {answer.start.uid}
    for node in nodes:
        below[node.via if node.via in shown else answer.start.uid].append(node)
        shown.add(node.uid)
    stack = _pushed(below[answer.start.uid], "", children)
    while stack:
        child, hidden, prefix, final = stack.pop()
        if child is None:
            yield _Line(prefix + last, f"and {hidden} more")
            continue
        yield _Line(prefix + (last if final else tee), _name(answer, child), _beside(child))
        stack += _pushed(below[child.uid], prefix + ("    " if final else bar), children)


_Waiting = tuple[LineageNode | None, int, str, bool]


def _pushed(nodes: Sequence[LineageNode], prefix: str, children: int) -> list[_Waiting]:
    """The children of a node, the first on top; those beyond the limit as one line."""
    shown = nodes if not children or len(nodes) <= children else nodes[:children]
    waiting: list[_Waiting] = [(node, 0, prefix, node is nodes[-1]) for node in shown]
    if len(shown) < len(nodes):
        waiting.append((None, len(nodes) - len(shown), prefix, True))
    return waiting[::-1]


def _name(answer: LineageAnswer, node: LineageNode) -> str:
    """In the namespace of the start without the namespace."""
    namespace = answer.start.label.namespace
    near = node.label.namespace == namespace and node.label.id.startswith(f"{namespace}/")
    name = node.label.id[len(namespace) + 1 :] if near else node.label.id
    return clean(name if node.column is None else f"{name}#{node.column}" if node.column else f"{name} (which rows)")


def _beside(node: LineageNode) -> str:
    made = node.transformation
    if made is None:
        return ""
    return "  ".join(clean(part) for part in (made.job_id, made.job_type, when(made.last_run)) if part)


def _hops(depth: int) -> str:
    return "1 hop" if depth == 1 else f"{depth} hops"


def mermaid(answer: LineageAnswer) -> str:
    """A flowchart from left to right; each edge carries its job."""
    ends = [_end(node) for node in (*answer.upstream, *answer.downstream)]
    known = {_end(answer.start), *ends}
    drawn = (Arrow(edge.source, edge.target, edge.job) for edge in answer.edges)
    arrows = (arrow for arrow in drawn if arrow.source in known and arrow.target in known)
    return flowchart(arrows, ends, start=_end(answer.start))


def _end(node: LineageNode) -> str:
    return node.label.id if node.column is None else f"{node.label.id}#{node.column}"
