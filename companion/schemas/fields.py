"""What all of them are made of: kinds of models, and kinds of fields."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema

from companion.core.secret import Secret

_MAX_TEXT = 2000
MAX_LIST = 100

# Longer than any that is accepted, so that the field's own rule speaks first.
Address = Annotated[str, Field(max_length=_MAX_TEXT)]
Text = Annotated[str, Field(max_length=_MAX_TEXT)]


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 1.0 is the integer 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 1})]


class In(BaseModel):
    """A body. Nothing it holds is repeated where it is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Query(BaseModel):
    """What stands behind the `?` of an address."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    """An answer, as the OpenAPI document describes it; it is put together by hand."""

    model_config = ConfigDict(extra="forbid")


def secret_of(value: SecretStr | None) -> Secret | None:
    """Return what was given as a `Secret`, which pydantic's own is not: that one dumps as stars."""
    return None if value is None else Secret(value.get_secret_value())
