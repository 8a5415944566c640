"""A server for each test, which must not have failed by its end; and moto's, to hold ours to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from tests.glue.orders import ORDERS
from tests.glue.server import GlueServer

Client: TypeAlias = Any


@pytest.fixture
def server() -> Iterator[GlueServer]:
    with GlueServer() as server:
        yield server
    assert not server.failures


@pytest.fixture
def glue(server: GlueServer) -> Client:
    """A stock client that checks nothing itself and does not try again: what it is answered is the server's word."""
    return server.client(parameter_validation=False)


@pytest.fixture
def sales(glue: Client) -> Client:
    """The same, and there is a database `sales` with a table `orders` in it that is partitioned by `day` and `hour`."""
    glue.create_database(DatabaseInput={"Name": "sales"})
    glue.create_table(DatabaseName="sales", TableInput=ORDERS)
    return glue


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto(moto_server: str) -> Client:
    """A stock client of moto's server, which has forgotten what other tests did."""
    httpx.post(f"{moto_server}/moto-api/reset").raise_for_status()
    return boto3.session.Session("testing", "testing", region_name="eu-west-1").client("glue", endpoint_url=moto_server)
