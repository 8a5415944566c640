"""What a command gets: its arguments, the settings, the store, and a place to write to."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from airflow_provider_catalog.cli.output import Style, as_json, as_yaml, table

if TYPE_CHECKING:
    from airflow_provider_catalog.settings import Settings
    from airflow_provider_catalog.store.protocol import Store
    from airflow_provider_catalog.store.sql.store import SqlStore


class Context:
    """One run of one command."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args

    @property
    def out(self) -> TextIO:
        return sys.stdout

    @cached_property
    def style(self) -> Style:
        return Style.of(self.out)

    @cached_property
    def settings(self) -> Settings:
        from airflow_provider_catalog.settings import settings

        return settings()

    @property
    def store_url(self) -> str:
        return self.args.store or self.settings.nearest_url

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Wherever it is."""
        from airflow_provider_catalog.store import open_store

        with closing(open_store(self.store_url, patience=self.settings.edge_patience)) as opened:
            yield opened

    @contextmanager
    def database(self) -> Iterator[SqlStore]:
        """For what is done where the database is, and not over HTTP."""
        from airflow_provider_catalog.store import open_database

        with closing(open_database(self.store_url, patience=self.settings.edge_patience)) as opened:
            yield opened

    def show(self, document: Any, as_text: Callable[[], str]) -> None:
        """The answer in the form that was asked for: `as_text` is the one for people."""
        form = self.args.output
        text = as_json(document) if form == "json" else as_yaml(document) if form == "yaml" else as_text()
        self.write(text)

    def show_rows(self, document: Any, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self.show(document, lambda: table(header, rows, self.style))

    def write(self, text: str) -> None:
        """What the terminal cannot show is replaced, never an error."""
        encoding = self.out.encoding or "utf-8"
        self.out.write(text.encode(encoding, "replace").decode(encoding))
        if not text.endswith("\n"):
            self.out.write("\n")

    def note(self, text: str) -> None:
        """Something to know beside the answer: it does not disturb who reads the answer."""
        sys.stderr.write(f"{text}\n")
