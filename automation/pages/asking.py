"""Asks a page something, and waits no longer than one is willing to.

While a tab waits for the answer to a navigation, Chromium holds back whatever its old document is asked: as long as a
server that never answers. Playwright's evaluation has no time limit. `wait_for_function` has one, but on reaching it
asks the page once more, without a limit, to stop. So the waiting is given up on this side, by cancelling the call in
Playwright's own event loop, for which its synchronous API has no public way.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from playwright.sync_api import Frame, JSHandle

LOOK_SECONDS = 3.0


def asked_for_text(frame: Frame, function: str, argument: Any = None, *, seconds: float = LOOK_SECONDS) -> str | None:
    """Return the text that a JavaScript function of one argument returns in the page; None after the time.

    Raises:
        playwright.sync_api.Error: the page went away meanwhile, or the function failed.
    """
    answer = _within(frame, frame._impl_obj.evaluate(function, argument), seconds)
    return None if answer is None else str(answer)


def asked_all_for_text(
    frames: Sequence[Frame], function: str, arguments: Sequence[object], *, seconds: float = LOOK_SECONDS
) -> tuple[str | None, ...]:
    """Ask several frames of a tab at once: the text that a function returns in each; None where it does not answer.

    One after the other, each would cost the way to the browser and back.

    Args:
        arguments: what the function is called with, one for each frame.
    """
    from playwright.sync_api import Error

    async def one(frame: Frame, argument: object) -> str | None:
        try:
            return str(await asyncio.wait_for(frame._impl_obj.evaluate(function, argument), seconds))
        except (Error, TimeoutError):
            return None

    async def every() -> list[str | None]:
        return await asyncio.gather(*map(one, frames, arguments))

    return tuple(frames[0]._sync(every())) if frames else ()


def asked_for_handle(
    frame: Frame, function: str, argument: Any = None, *, seconds: float = LOOK_SECONDS
) -> JSHandle | None:
    """As `asked_for_text`, for what stays in the page: a handle on what the function returns."""
    answer: JSHandle | None = _within(frame, frame._impl_obj.evaluate_handle(function, argument), seconds)
    return answer


def _within(frame: Frame, call: Coroutine[Any, Any, Any], seconds: float) -> Any:
    from playwright._impl._sync_base import mapping

    try:
        return mapping.from_maybe_impl(frame._sync(asyncio.wait_for(call, seconds)))
    except TimeoutError:
        return None
