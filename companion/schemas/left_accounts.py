"""API accounts that killed runs had left at BigCommerce."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from companion.schemas.fields import In

_Shown = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class DeletedAccountIn(In):
    """An API account that a run which was killed had left in a store, and that was deleted there."""

    name: _Shown
    store_hash: Annotated[str, Field(max_length=50, pattern=r"^[a-z0-9]+$")]
    left_by: Annotated[_Shown, Field(description="What had made it, such as a command.")]
