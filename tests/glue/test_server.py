from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.glue import model
from tests.glue.orders import ORDERS, refusal
from tests.glue.refusals import Refused
from tests.glue.server import GlueServer

SIGNED = "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/glue/aws4_request, SignedHeaders=host, Signature=0"


def post(server: GlueServer, operation: str, body: bytes, authorization: str = SIGNED) -> httpx.Response:
    headers = {"X-Amz-Target": f"AWSGlue.{operation}", "Authorization": authorization}
    return httpx.post(server.url, content=body, headers=headers)


def test_an_error_carries_its_code_in_the_body_and_in_a_header(server: GlueServer) -> None:
    answer = post(server, "GetDatabase", b'{"Name": "none"}')
    assert answer.status_code == 400
    assert answer.json() == {"__type": "EntityNotFoundException", "Message": "Database none not found."}
    assert answer.headers["x-amzn-errortype"] == "EntityNotFoundException"
    assert answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    ("operation", "body", "code", "status"),
    [
        ("GetDatabase", b"{", "SerializationException", 400),
        ("GetDatabase", b"[]", "SerializationException", 400),
        ("GetDatabas", b"{}", "UnknownOperationException", 404),
        ("GetDatabase", b"", "ValidationException", 400),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(
    server: GlueServer, operation: str, body: bytes, code: str, status: int
) -> None:
    answer = post(server, operation, body)
    assert (answer.json()["__type"], answer.status_code) == (code, status)


def test_a_request_that_is_not_signed_is_refused(server: GlueServer) -> None:
    answer = post(server, "GetDatabases", b"{}", authorization="Basic abc")
    assert (answer.json()["__type"], answer.status_code) == ("MissingAuthenticationTokenException", 403)


def test_a_client_of_another_region_is_told_so(server: GlueServer) -> None:
    with GlueServer(region="us-east-1") as other:
        other.url = server.url
        assert refusal(other.client().get_databases)[:2] == (
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'us-east-1'.",
        )


def test_every_region_has_arns_of_its_own_partition() -> None:
    for region, partition in {"us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn", "eu-west-1": "aws"}.items():
        with GlueServer(region=region) as server:
            glue = server.client()
            glue.create_database(DatabaseInput={"Name": "sales"})
            glue.create_table(DatabaseName="sales", TableInput=ORDERS)
            found = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
            assert found["CreatedBy"].startswith(f"arn:{partition}:sts::")


def test_calls_and_writes_and_refusals_are_counted(server: GlueServer, sales: Any) -> None:
    sales.get_table(DatabaseName="sales", Name="orders")
    refusal(sales.get_table, DatabaseName="sales", Name="none")
    refusal(sales.create_table, DatabaseName="sales", TableInput=ORDERS)
    assert server.calls == {"CreateDatabase": 1, "CreateTable": 2, "GetTable": 2}
    assert server.writes == {"CreateDatabase": 1, "CreateTable": 1}
    assert server.refusals == {"EntityNotFoundException": 1, "AlreadyExistsException": 1}
    server.forget()
    assert not server.calls
    assert sales.get_databases()["DatabaseList"]


def test_the_journal_has_the_latest_writes_as_they_were_asked() -> None:
    with GlueServer(journal=2) as server:
        glue = server.client()
        for name in ("a", "b", "c"):
            glue.create_database(DatabaseInput={"Name": name})
        assert [write.operation for write in server.journal] == ["CreateDatabase"] * 2
        assert [write.request["DatabaseInput"]["Name"] for write in server.journal] == ["b", "c"]


def test_a_neighbour_writes_between_a_clients_read_and_its_write(server: GlueServer, sales: Any) -> None:
    def neighbour(request: model.Document) -> None:
        changed = {**ORDERS, "Description": "changed by somebody else"}
        server.call("UpdateTable", DatabaseName=request["DatabaseName"], TableInput=changed)

    server.after("GetTable", neighbour)
    found = sales.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert found["Description"] == "what was sold"
    update = {"DatabaseName": "sales", "TableInput": ORDERS, "VersionId": found["VersionId"]}
    assert refusal(sales.update_table, **update).code == "ConcurrentModificationException"
    assert server.writes["UpdateTable"] == 0


def test_a_write_that_does_not_say_what_it_read_loses_what_a_neighbour_wrote(server: GlueServer, sales: Any) -> None:
    neighbours = {**ORDERS, "Owner": "somebody else"}
    server.after("GetTable", lambda _: server.call("UpdateTable", DatabaseName="sales", TableInput=neighbours))
    sales.get_table(DatabaseName="sales", Name="orders")
    sales.update_table(DatabaseName="sales", TableInput=ORDERS)
    assert "Owner" not in server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]


def test_a_hook_before_an_operation_sees_its_request(server: GlueServer, sales: Any) -> None:
    seen: list[str] = []
    server.before("GetTable", lambda request: seen.append(request["Name"]))
    sales.get_table(DatabaseName="sales", Name="orders")
    assert seen == ["orders"]


def test_somebody_else_in_the_account_is_neither_counted_nor_denied(server: GlueServer) -> None:
    server.deny("glue:CreateDatabase")
    server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
    assert server.call("GetDatabase", Name="sales")["Database"]["Name"] == "sales"
    assert not server.calls
    assert not server.writes
    with pytest.raises(Refused, match=r"^EntityNotFoundException: Database none not found\.$"):
        server.call("GetDatabase", Name="none")


def test_what_is_denied_is_named_as_iam_names_it(server: GlueServer, sales: Any) -> None:
    server.deny("glue:UpdateTable")
    update = {"DatabaseName": "sales", "TableInput": ORDERS}
    refused = refusal(sales.update_table, **update)
    assert refused.code == "AccessDeniedException"
    assert refused.message == (
        "User: arn:aws:sts::111122223333:assumed-role/tests/session is not authorized to perform: glue:UpdateTable on "
        "resource: arn:aws:glue:eu-west-1:111122223333:catalog because no identity-based policy allows the "
        "glue:UpdateTable action"
    )
    assert sales.get_table(DatabaseName="sales", Name="orders")
    server.allow("glue:UpdateTable")
    sales.update_table(**update)


def test_one_table_can_be_denied_and_no_other(server: GlueServer, sales: Any) -> None:
    server.deny("glue:GetTable", "arn:*:table/sales/orders")
    sales.create_table(DatabaseName="sales", TableInput={"Name": "returns"})
    assert sales.get_table(DatabaseName="sales", Name="returns")
    assert refusal(sales.get_table, DatabaseName="sales", Name="ORDERS").code == "AccessDeniedException"


def test_what_the_server_cannot_do_is_a_failure_that_a_test_sees() -> None:
    with GlueServer() as server:
        assert refusal(server.client().get_classifiers).status == 500
        (failure,) = server.failures
        assert "this server does no GetClassifiers" in failure


def test_an_answer_that_its_model_does_not_allow_is_a_failure(server: GlueServer, sales: Any) -> None:
    with GlueServer() as other:
        other.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        other.state.catalogs[other.state.account].databases["sales"].document["Nonsense"] = 1
        assert refusal(other.client().get_database, Name="sales").status == 500
        assert "Nonsense" in other.failures[0] or "nonsense" in other.failures[0]


def counted_up(glue: Any) -> int:
    """How many tries it took to count one up, writing only over what was read."""
    for tries in range(1, 1000):
        found = glue.get_table(DatabaseName="sales", Name="orders")["Table"]
        given = {**ORDERS, "Parameters": {"count": str(int(found["Parameters"].get("count", "0")) + 1)}}
        try:
            glue.update_table(DatabaseName="sales", TableInput=given, VersionId=found["VersionId"])
        except ClientError:
            continue
        return tries
    raise AssertionError


def test_of_many_clients_at_once_none_loses_what_another_wrote(server: GlueServer, sales: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        tries = sum(pool.map(lambda glue: sum(counted_up(glue) for _ in range(10)), [server.client()] * 4))
    found = sales.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert (found["Parameters"]["count"], found["VersionId"]) == ("40", "40")
    assert server.refusals["ConcurrentModificationException"] == tries - 40
