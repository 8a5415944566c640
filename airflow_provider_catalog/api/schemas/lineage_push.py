"""Lineage pushed to tables of another system, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from airflow_provider_catalog.api.schemas.answer import Answer

MOST = 100
ELSEWHERE = "airflow-catalog push glue --lineage, or GlueLineagePushOperator in a DAG"


class LineagePushRequest(BaseModel):
    """Without `datasets` all that the rules of `[catalog] glue_mapping` make tables of, if these are few."""

    model_config = ConfigDict(extra="forbid")

    catalog_type: Literal["AWS_GLUE"]
    set_parameters: bool = True
    set_description: bool = True
    dry_run: bool = Field(False, description="Say what would be done, and do nothing")
    datasets: list[Annotated[str, Field(min_length=1, max_length=4_000)]] | None = Field(
        None, json_schema_extra={"maxItems": MOST}
    )

    @field_validator("datasets")
    @classmethod
    def few(cls, stated: list[str] | None) -> list[str] | None:
        """More than one request should wait for."""
        if stated is not None and len(stated) > MOST:
            raise ValueError(f"{len(stated)} datasets, and one request takes {MOST}; for more use {ELSEWHERE}")
        return stated


class LineagePushProblem(Answer):
    """A table that was not told its lineage, and why not."""

    table: str
    state: Literal["missing", "denied", "refused", "failed"]
    reason: str = Field(description="What is wrong, and what to change")


class LineagePushAnswer(Answer):
    """How many tables there were, and what became of them."""

    dry_run: bool
    tables: int
    updated: int = Field(description="With `dry_run`, how many would be")
    unchanged: int
    skipped: int = Field(description="Not there, not allowed, or not to be written")
    errors: int
    problems: list[LineagePushProblem]
