"""Schemas of topics and tables, in the Schema Registry of AWS Glue and in the catalog."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_catalog.hooks.glue_failures import telling
from airflow_provider_catalog.operators.glue import GlueOperator, GlueSchemaLink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airflow.sdk import Asset, Context

    from airflow_provider_catalog.model.envelope import Envelope
    from airflow_provider_catalog.model.identity import DatasetId
    from airflow_provider_catalog.targets.glue.schemas.link import Link
    from airflow_provider_catalog.targets.glue.schemas.plan import Wanted
    from airflow_provider_catalog.targets.glue.schemas.registry import Registered

PRODUCER = "GlueSchemaRegisterOperator"
_FILES = (".avsc", ".json", ".proto")
_Format: TypeAlias = Literal["AVRO", "JSON", "PROTOBUF"]
_Mode: TypeAlias = Literal["NONE", "DISABLED", "BACKWARD", "BACKWARD_ALL", "FORWARD", "FORWARD_ALL", "FULL", "FULL_ALL"]


class GlueSchemaRegisterOperator(GlueOperator):
    """Registers a schema, or a new version of it, and tells the catalog which topic and table it describes.

    What breaks the compatibility mode is explained and not sent. Nothing is written when nothing changes. Returns
    `{"registry", "schema", "version", "schema_version_id", "state", "changes", "breaks"}`: the state is created,
    registered, updated or unchanged, `changes` are those of the fields, and `breaks` whom they break though the mode
    does not mind.

    :param registry: made where there is none (templated)
    :param schema_name: the name of the schema (templated)
    :param definition: its text, or the path of a file that ends in .avsc, .json or .proto; a relative path is looked
        for in the folder of the DAG and in its `template_searchpath` (templated, what is in the file is not)
    :param data_format: AVRO, JSON or PROTOBUF (templated)
    :param compatibility: which readers a new version may not break (templated)
    :param description: of the schema; an empty one leaves what is there (templated)
    :param tags: of the schema; those that are not named here stay (templated)
    :param metadata: of the version; other keys stay (templated)
    :param topic: a topic that the schema describes, such as `kafka://broker:9092/orders`, or an Asset (templated)
    :param table: a table with the same records, as a dataset or an Asset (templated)
    :param registry_description: of a registry that is made (templated)
    :param registry_tags: of a registry that is made (templated)
    :param wait_seconds: how long AWS may take to check a version
    """

    template_fields: Sequence[str] = aws_template_fields(
        *("catalog_id", "catalog_conn_id", "registry", "schema_name", "definition", "data_format", "compatibility"),
        *("description", "tags", "metadata", "topic", "table", "registry_description", "registry_tags"),
    )
    operator_extra_links = (GlueSchemaLink(),)

    def __init__(  # noqa: PLR0913  what a schema is made of
        self,
        *,
        registry: str,
        schema_name: str,
        definition: str,
        data_format: _Format = "AVRO",
        compatibility: _Mode = "BACKWARD",
        description: str = "",
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
        topic: str | Asset = "",
        table: str | Asset = "",
        registry_description: str = "",
        registry_tags: Mapping[str, str] | None = None,
        wait_seconds: float = 60.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.registry = registry
        self.schema_name = schema_name
        self.definition = definition
        self.data_format = data_format
        self.compatibility = compatibility
        self.description = description
        self.tags = tags
        self.metadata = metadata
        self.topic = topic
        self.table = table
        self.registry_description = registry_description
        self.registry_tags = registry_tags
        self.wait_seconds = wait_seconds

    def execute(self, context: Context) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.schemas.registry import SchemaRegistry

        wanted, topic, table = self._wanted(), _dataset("topic", self.topic), _dataset("table", self.table)
        said = {"Description": self.registry_description, "Tags": self.registry_tags}
        self.link(context, GlueSchemaLink, registry=wanted.registry, schema=wanted.schema)
        with telling():
            registered = SchemaRegistry(self.calls, registry=said, wait_seconds=self.wait_seconds).apply(wanted)
        self._log(wanted, registered)
        self._tell_catalog(wanted, registered, topic, table)
        return {
            "registry": wanted.registry,
            "schema": wanted.schema,
            "version": registered.version,
            "schema_version_id": registered.version_id,
            "state": registered.state,
            "changes": _changes(wanted, registered),
            "breaks": [each.to_json() for each in registered.judged.allowed],
        }

    def _log(self, wanted: Wanted, registered: Registered) -> None:
        self.log.info("Version %s of the schema %s: %s", registered.version, wanted, registered.state)
        for each in registered.judged.doubts:
            self.log.warning("AWS took what was doubtful: %s", each)
        if registered.latest:
            said = "This definition is version %s of the schema %s, and readers of the latest get version %s."
            self.log.warning(said, registered.version, wanted, registered.latest)

    def _wanted(self) -> Wanted:
        from airflow_provider_catalog.targets.glue.schemas.compatibility import FORMATS, MODES
        from airflow_provider_catalog.targets.glue.schemas.plan import Wanted

        for name, known in (("data_format", FORMATS), ("compatibility", MODES)):
            if getattr(self, name) not in known:
                raise AirflowFailException(f"{name}: {getattr(self, name)!r} is none of {', '.join(known)}")
        return Wanted(
            self.registry,
            self.schema_name,
            self.data_format,
            self._text(),
            self.compatibility,
            self.description,
            self.tags or {},
            self.metadata or {},
        )

    def _text(self) -> str:
        """A path is one line; a definition that is one line does not end so."""
        stated = self.definition.strip()
        if "\n" in stated or not stated.endswith(_FILES):
            return self.definition
        folders = list(self._folders())
        found = next((path for path in (folder / stated for folder in folders) if path.is_file()), None)
        if found is None:
            places = ", ".join(map(str, folders))
            raise AirflowFailException(f"definition: there is no file {stated!r} in {places}")
        return found.read_text(encoding="utf-8")

    def _folders(self) -> Iterator[Path]:
        dag = self.get_dag()
        if dag is not None:
            searched = dag.template_searchpath or ()
            yield Path(dag.folder)
            yield from map(Path, [searched] if isinstance(searched, str) else searched)
        yield Path.cwd()

    def _tell_catalog(
        self, wanted: Wanted, registered: Registered, topic: DatasetId | None, table: DatasetId | None
    ) -> None:
        """Only what it was not told yet. The version is registered by now, so nothing fails."""
        from airflow_provider_catalog.errors import CatalogError
        from airflow_provider_catalog.hooks.news import is_news
        from airflow_provider_catalog.targets.glue.schemas.link import Link

        if topic is None and table is None:
            return
        link = Link(_said(wanted, registered), topic, table)
        try:
            with self.store() as store:
                news = [each for each in _envelopes(link, wanted) if is_news(store, each, PRODUCER)]
                if news:
                    store.accept(news)
        except (CatalogError, OSError) as error:
            self.log.warning("The catalog was not told of the schema %s: %s", wanted, error)


def _dataset(name: str, stated: str | Asset) -> DatasetId | None:
    from airflow_provider_catalog.model.identity import DatasetId, IdentityError

    uri = str(getattr(stated, "uri", stated))
    if not uri:
        return None
    try:
        return DatasetId.from_asset_uri(uri) or DatasetId.parse(uri)
    except IdentityError as error:
        raise AirflowFailException(f"{name}: {error}") from error


def _said(wanted: Wanted, registered: Registered) -> dict[str, Any]:
    """Where a schema is to be looked up."""
    return {
        "registry": wanted.registry,
        "schema": wanted.schema,
        "version": registered.version,
        "schemaVersionId": registered.version_id,
        "arn": registered.arn,
        "dataFormat": wanted.data_format,
        "compatibility": wanted.compatibility,
    }


def _columns(wanted: Wanted, definition: str) -> Any:
    from airflow_provider_catalog.sources.crawlers.fields import schema
    from airflow_provider_catalog.sources.crawlers.schema_texts import described

    return schema(described(definition, wanted.data_format), "/definition")


def _changes(wanted: Wanted, registered: Registered) -> list[dict[str, Any]]:
    from airflow_provider_catalog.services.schema import shapes
    from airflow_provider_catalog.services.schema_change import compare

    if registered.state != "registered":
        return []
    before, after = (shapes(_columns(wanted, text)) for text in (registered.before, wanted.definition))
    return [each.to_json() for each in compare(before, after)]


def _envelopes(link: Link, wanted: Wanted) -> Iterator[Envelope]:
    from airflow_provider_catalog.model.envelope import Envelope
    from airflow_provider_catalog.targets.glue.schemas.link import events

    now = time.time_ns() // 1000
    at = datetime.fromtimestamp(now / 1e6, UTC).isoformat()
    for each in events(link, _columns(wanted, wanted.definition), at, PRODUCER):
        yield Envelope("openlineage", json.dumps(each).encode(), recorded_at=now)
