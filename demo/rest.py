"""Airflow's REST API, as much of it as the demo needs."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

_TRIES = 5


class Rest:
    """`login` first.

    Airflow writes its audit log before it does anything, and on SQLite it may find that locked, and answer 500: nothing
    was done then, and the same is asked again.
    """

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
        for _ in range(_TRIES):
            try:
                return self._once(method, path, body)
            except HTTPError as error:
                if error.code != HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
            time.sleep(1)
        return self._once(method, path, body)

    def _once(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        request = Request(  # noqa: S310  our own address
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        with urlopen(request, timeout=30) as answer:  # noqa: S310  as above
            return json.load(answer)
