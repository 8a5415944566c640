"""Asks the catalog inside Airflow's own server, as users of Airflow: run in the environment of a deployment.

The file it is given holds `{"dags": {dag: team}, "asked": {name: {"user"?, "cookie"?, "bearer"?, "method"?, "path",
"headers"?, "json"?}}}`. It prints `{name: [status, text]}` as its last line. A user is [name, role] or [name, role,
[team, …]].
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from airflow.api_fastapi.app import create_app, get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.team import Team
from airflow.utils.session import create_session
from fastapi.testclient import TestClient

PREFIX = "/catalog/api/v1"


def add_dags(teams: dict[str, str]) -> None:
    """DAG -> the team that owns it."""
    with create_session() as session:
        for dag_id, name in teams.items():
            bundle = DagBundleModel(name=f"of {name}")
            bundle.teams.append(Team(name=name))
            session.add(bundle)
            session.flush()
            dag = DagModel(dag_id=dag_id, bundle_name=bundle.name)  # type: ignore[no-untyped-call]  # Airflow's
            session.add(dag)


def jwt(user: list[Any]) -> str:
    name, role, *teams = user
    token: str = get_auth_manager().generate_jwt(
        SimpleAuthManagerUser(username=name, role=role, teams=teams[0] if teams else [])
    )
    return token


def answer(client: TestClient, asked: dict[str, Any]) -> list[Any]:
    headers = dict(asked.get("headers", {}))
    if bearer := asked.get("bearer") or (jwt(asked["user"]) if "user" in asked else None):
        headers["Authorization"] = f"Bearer {bearer}"
    client.cookies.clear()
    if "cookie" in asked:
        client.cookies.set("_token", jwt(asked["cookie"]))
    found = client.request(asked.get("method", "GET"), PREFIX + asked["path"], headers=headers, json=asked.get("json"))
    return [found.status_code, found.text]


def main() -> None:
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    add_dags(work.get("dags", {}))
    client = TestClient(create_app(apps="core"), raise_server_exceptions=False)
    answers = {name: answer(client, asked) for name, asked in work["asked"].items()}
    sys.stdout.write(f"\n{json.dumps(answers)}\n")


main()
