"""Lineage pushed to tables of AWS Glue by a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_catalog.hooks.glue_failures import Failure, failed, telling
from airflow_provider_catalog.operators.glue import GlueOperator, GlueTableLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_catalog.store.protocol import Entity, Store
    from airflow_provider_catalog.targets.glue.lineage.pushing import Pushed

_UNKNOWN = "the catalog does not know it yet"
_NOWHERE = "none of these datasets is a table of AWS Glue: [catalog] glue_mapping says which are"


class GlueLineagePushOperator(GlueOperator):
    """Tells tables that Glue has what they are made of: the chain of hops as parameters, and a tree in a block of the
    description. Nothing is written where nothing has changed, and no table is made.

    Returns `{"tables", "updated", "unchanged", "skipped", "errors", "problems": [{"table", "state", "reason"}], ...}`.
    A table that is not there or may not be written is skipped with a warning; the task fails when not one could be told
    for such a reason as a missing permission.

    :param datasets: an id or a URI that the catalog knows, an Asset, or a list of them (templated)
    :param set_parameters: off, the parameters of the tables stay as they are
    :param set_description: off, their descriptions do
    :param depth: of so many datasets one behind the other, 50 at most
    """

    template_fields: Sequence[str] = aws_template_fields("catalog_id", "catalog_conn_id", "datasets")
    operator_extra_links = (GlueTableLink(),)

    def __init__(
        self,
        *,
        datasets: Any,
        set_parameters: bool = True,
        set_description: bool = True,
        depth: int = 50,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.datasets = datasets
        self.set_parameters = set_parameters
        self.set_description = set_description
        self.depth = depth

    def execute(self, context: Context) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.lineage.pushing import summary

        with telling(), self.store() as store:
            found, unknown = _known(store, _names(self.datasets))
            pushed = self._pushed(store, found)
        self._link(context, pushed)
        self._tell(pushed, unknown)
        if found or unknown:
            _check(pushed, unknown)
        told = summary(pushed)
        problems = [{"table": name, "state": "failed", "reason": reason} for name, reason, _ in unknown]
        return {**told, "errors": told["errors"] + len(unknown), "problems": [*told["problems"], *problems]}

    def _pushed(self, store: Store, datasets: Sequence[Entity]) -> list[Pushed]:
        from airflow_provider_catalog.settings import settings
        from airflow_provider_catalog.targets.glue.lineage.pushing import push_lineage
        from airflow_provider_catalog.targets.glue.mapping import GlueMapping

        return list(
            push_lineage(
                store,
                datasets,
                GlueMapping(settings().glue_mapping),
                self.hook.account_of,
                set_parameters=self.set_parameters,
                set_description=self.set_description,
                depth=self.depth,
            )
        )

    def _link(self, context: Context, pushed: Sequence[Pushed]) -> None:
        """To the first of them."""
        for place in (each.place for each in pushed[:1]):
            meta = cast("Any", self.hook.get_conn()).meta
            named = {"database": place.database, "table": place.table, "catalog_id": place.catalog_id or ""}
            region = self.region_name or place.region or meta.region_name
            GlueTableLink.persist(context, self, region, meta.partition, **named)

    def _tell(self, pushed: Sequence[Pushed], unknown: Sequence[Failure]) -> None:
        for each in pushed:
            self.log.info("%s: %s, %s hops", each.table, each.state, each.hops)
            for note in (*(each.plan.notes if each.plan else ()), *filter(None, [each.reason])):
                self.log.warning("%s: %s", each.table, note)
        for failure in unknown:
            self.log.warning("%s: %s", failure.name, failure.reason)


def _names(stated: Any) -> list[str]:
    """Assets are named by their URIs, and a template may make a list of JSON."""
    from airflow_provider_catalog.targets.glue.stated import loaded

    if isinstance(stated, str) and stated.lstrip().startswith("["):
        stated = loaded("datasets", stated)
    many = stated if isinstance(stated, list | tuple | set) else [stated]
    return [str(getattr(each, "uri", each)) for each in many]


def _known(store: Store, names: Sequence[str]) -> tuple[list[Entity], list[Failure]]:
    from airflow_provider_catalog.errors import NotFoundError
    from airflow_provider_catalog.model.identity import DatasetId
    from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset

    found, unknown = [], []
    for name in names:
        try:
            found.append(find_dataset(store, DatasetId.from_asset_uri(name) or name))
        except AmbiguousError as error:
            unknown.append(Failure(name, str(error)))
        except NotFoundError as error:
            unknown.append(Failure(name, f"{_UNKNOWN}: {error}", retryable=True))
    nodes = store.entities({each.node for each in found}) if found else {}
    return [nodes.get(each.node, each) for each in found], unknown


def _check(pushed: Sequence[Pushed], unknown: Sequence[Failure]) -> None:
    """One that went, or that is not there, is enough."""
    from airflow_provider_catalog.targets.glue.lineage.pushing import hopeless

    if not pushed and not unknown:
        raise AirflowFailException(_NOWHERE)
    if not pushed or hopeless(pushed):
        raise failed([*(Failure(each.table, each.reason, each.retryable) for each in pushed), *unknown])
