"""A field of a form that is sent any number of times, or not at all."""

from __future__ import annotations

from typing import Any

from wtforms import Field


class Several(Field):
    """Boxes, or lists to choose from, of one name; its data are the values of those that were chosen."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the values, none included."""
        self.data = [str(each) for each in valuelist]
