"""Made-up lineage: chains of any length, with branches, and with names of all sorts."""

from __future__ import annotations

from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.lineage.chain import Chain, Field, Hop
from tests.targets.glue.made_up import LONG

_NAMES = st.one_of(st.text(max_size=30), st.sampled_from(["kafka://b:9092/orders", "größe.表", "a,b", '"', "x\ny"]))
_KINDS = st.sampled_from(["topic", "table", "view", "file", "external_dataset", "connector", "airflow_task", "job"])


def wide(hops: int, columns: int, name: str = "dataset_{}") -> Chain:
    """A job and a dataset, time and again, as far as one likes."""
    fields = tuple(Field(f"column_{number}", "decimal(10,2)") for number in range(columns))

    def hop(at: int) -> Hop:
        if at % 2:
            return Hop(at, "airflow_task", f"prod/etl.{at}", is_job=True, into=at - 2, sql="SELECT 1 FROM x")
        return Hop(at, "table", name.format(at), into=at - 2, fields=fields)

    return Chain(tuple(hop(at) for at in range(1, hops + 1)))


@st.composite
def chains(draw: st.DrawFn, most: int = 12) -> Chain:
    """Each hop is for the table or for one that is nearer."""
    hops: list[Hop] = []
    for _ in range(draw(st.integers(0, most))):
        into = draw(st.integers(-1, len(hops) - 1))
        distance = 1 if into < 0 else hops[into].hop + 1
        if hops and distance < hops[-1].hop:
            into, distance = len(hops) - 1, hops[-1].hop + 1
        hops.append(draw(_hops(distance, into)))
    return Chain(tuple(hops), draw(st.booleans()))


def _hops(distance: int, into: int) -> st.SearchStrategy[Hop]:
    fields = st.lists(st.builds(Field, _NAMES, _NAMES), max_size=3).map(tuple)
    texts = st.one_of(_NAMES, LONG)
    return st.builds(Hop, st.just(distance), _KINDS, texts, st.booleans(), st.just(into), texts, st.just(""), fields)
