"""What every answer is made of: a model that holds what it says and nothing else."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Time: TypeAlias = AwareDatetime
Json: TypeAlias = Any
Origin: TypeAlias = Literal["human", "source", "classifier", "propagated"]
Score: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Next: TypeAlias = Annotated[str | None, Field(description="Given as `after`, the next page; null at the end")]


class Answer(BaseModel):
    """The root of all of them."""

    model_config = ConfigDict(extra="forbid")
