"""Airflow's REST API, as much of it as the demo needs."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen


class Rest:
    """`login` first; each call is one request."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._token = ""

    def answers(self) -> bool:
        try:
            return bool(self._ask("GET", "/api/v2/monitor/health"))
        except (URLError, OSError):
            return False

    def login(self, name: str, password: str) -> None:
        self._token = self._ask("POST", "/auth/token", {"username": name, "password": password})["access_token"]

    def knows(self, dag: str) -> bool:
        found = self._ask("GET", f"/api/v2/dags?dag_id_pattern={quote(dag)}")
        return any(each["dag_id"] == dag for each in found["dags"])

    def trigger(self, dag: str, run_id: str) -> None:
        self._ask("PATCH", f"/api/v2/dags/{quote(dag)}", {"is_paused": False})
        self._ask("POST", f"/api/v2/dags/{quote(dag)}/dagRuns", {"dag_run_id": run_id, "logical_date": None})

    def run_state(self, dag: str, run_id: str) -> str:
        return str(self._ask("GET", f"/api/v2/dags/{quote(dag)}/dagRuns/{quote(run_id)}")["state"])

    def task_states(self, dag: str, run_id: str) -> list[str | None]:
        found = self._ask("GET", f"/api/v2/dags/{quote(dag)}/dagRuns/{quote(run_id)}/taskInstances")
        return [each["state"] for each in found["task_instances"]]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = Request(  # noqa: S310  our own address
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310  as above
            return json.load(answer)
