"""What every benchmark ends with: a table for people, and one JSON object for programs as the last line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Figure(NamedTuple):
    """`target`: at least this, or at most if `most`. `sure`: missing it is wrong, however small the run."""

    value: float
    target: float | None = None
    most: bool = False
    sure: bool = False

    @property
    def missed(self) -> bool:
        if self.target is None:
            return False
        return self.value > self.target if self.most else self.value < self.target


@dataclass
class Report:
    benchmark: str
    figures: dict[str, Figure] = field(default_factory=dict)

    def add(self, name: str, value: float, *, least: float | None = None, most: float | None = None) -> None:
        """A figure, with the target it has to reach if there is one."""
        self._keep(name, Figure(float(value), least if most is None else most, most is not None))

    def count_wrong(self, name: str, value: float) -> None:
        """A count of what must not be: lost events, errors. Any fails the run, a quick one too."""
        self._keep(name, Figure(float(value), 0, most=True, sure=True))

    def _keep(self, name: str, figure: Figure) -> None:
        self.figures[name] = figure
        Console(stderr=True, highlight=False).print(f"{name}: {figure.value:,.4g}")

    def failures(self, *, quick: bool) -> int:
        """How many targets were missed; in a quick run only those count that size and speed have no part in."""
        return sum(figure.missed and (figure.sure or not quick) for figure in self.figures.values())

    def show(self) -> None:
        table = Table("figure", "value", "target", title=self.benchmark)
        for name, figure in self.figures.items():
            sign = "<=" if figure.most else ">="
            target = "" if figure.target is None else f"{sign} {figure.target:,g}{'  MISSED' if figure.missed else ''}"
            table.add_row(name, f"{figure.value:,.4g}", target)
        Console().print(table)
        values = {name: round(figure.value, 4) for name, figure in self.figures.items()}
        print(json.dumps({"benchmark": self.benchmark, "figures": values}))


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: list[float]) -> float:
    return float(median(values))
