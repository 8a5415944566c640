"""A Schema Registry of AWS Glue to be crawled, as a client of boto3's answers: by botocore's own model of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tests.glue import model

MADE = datetime(2026, 1, 1, tzinfo=UTC)


class Schema(NamedTuple):
    """`texts`: of its versions, the newest last."""

    format: str
    texts: tuple[str, ...]
    description: str = ""


class Registries(dict[str, dict[str, Schema]]):
    """Two in each answer, whatever was asked for. `closed` are registries that nobody may look into."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.closed: set[str] = set()

    def list_registries(self, **request: Any) -> Any:
        return self._page("ListRegistries", request, "Registries", [{"RegistryName": name} for name in self])

    def list_schemas(self, **request: Any) -> Any:
        registry = request["RegistryId"]["RegistryName"]
        if registry in self.closed:
            raise _refused("ListSchemas", "AccessDeniedException")
        if registry not in self:
            raise _refused("ListSchemas", "EntityNotFoundException")
        listed = [{"SchemaName": name, "SchemaStatus": "AVAILABLE"} for name in self[registry]]
        return self._page("ListSchemas", request, "Schemas", [*listed, {"SchemaName": "x", "SchemaStatus": "DELETING"}])

    def get_schema(self, **request: Any) -> Any:
        schema = self._schema(request)
        answer = {
            "DataFormat": schema.format,
            "Compatibility": "BACKWARD",
            "Description": schema.description,
            "LatestSchemaVersion": len(schema.texts),
            "CreatedTime": MADE.isoformat(),
        }
        return self._answered("GetSchema", request, answer)

    def get_schema_version(self, **request: Any) -> Any:
        number = request["SchemaVersionNumber"]["VersionNumber"]
        answer = {
            "SchemaDefinition": self._schema(request).texts[number - 1],
            "VersionNumber": number,
            "CreatedTime": MADE.replace(month=number).isoformat(),
        }
        return self._answered("GetSchemaVersion", request, answer)

    def list_schema_versions(self, **request: Any) -> Any:
        numbers = range(1, len(self._schema(request).texts) + 1)
        return self._page("ListSchemaVersions", request, "Schemas", [{"VersionNumber": each} for each in numbers])

    def _schema(self, request: Any) -> Schema:
        return self[request["SchemaId"]["RegistryName"]][request["SchemaId"]["SchemaName"]]

    def _page(self, operation: str, request: Any, member: str, listed: list[Any]) -> Any:
        first = int(request.get("NextToken", 0))
        token = {"NextToken": str(first + 2)} if len(listed) > first + 2 else {}
        return self._answered(operation, request, {member: listed[first : first + 2], **token})

    def _answered(self, operation: str, request: Any, answer: dict[str, Any]) -> Any:
        model.validate(operation, request)
        assert not model.mistakes(model.service().operation_model(operation).output_shape, answer)
        self.calls.append(operation)
        return answer


def _refused(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
