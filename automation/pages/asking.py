"""Asks a page something, and waits no longer than one is willing to.

While a tab waits for the answer to a navigation, Chromium holds back whatever its old document is asked: as long as a
server that never answers. Playwright's evaluation has no time limit. `wait_for_function` has one, but on reaching it
asks the page once more, without a limit, to stop. So the waiting is given up on this side, by cancelling the call in
Playwright's own event loop, for which its synchronous API has no public way.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from playwright.sync_api import Frame, JSHandle, Page

LOOK_SECONDS = 3.0


@dataclass(frozen=True)
class Question:
    """What one frame is asked.

    Attributes:
        functions: JavaScript functions of one argument; the next is only asked where the one before returned nothing.
    """

    frame: Frame
    functions: tuple[str, ...]
    argument: object = None


def asked_for_text(frame: Frame, function: str, argument: Any = None, *, seconds: float = LOOK_SECONDS) -> str | None:
    """Return the text that a JavaScript function of one argument returns in the page; None after the time.

    Raises:
        playwright.sync_api.Error: the page went away meanwhile, or the function failed.
    """
    answer = _within(frame, frame._impl_obj.evaluate(function, argument), seconds)
    return None if answer is None else str(answer)


def asked_all_for_text(questions: Sequence[Question], *, seconds: float = LOOK_SECONDS) -> tuple[str | None, ...]:
    """Ask several frames of a browser at once; None for one that does not answer.

    One after the other, each would cost the way to the browser and back.
    """
    from playwright.sync_api import Error

    async def one(question: Question) -> str:
        answer = ""
        for function in question.functions:
            answer = answer or str(await question.frame._impl_obj.evaluate(function, question.argument))
        return answer

    async def in_time(question: Question) -> str | None:
        try:
            return await asyncio.wait_for(one(question), seconds)
        except (Error, TimeoutError):
            return None

    async def every() -> list[str | None]:
        return await asyncio.gather(*map(in_time, questions))

    return tuple(questions[0].frame._sync(every())) if questions else ()


def wait_for_answer(
    page: Page, frames: Sequence[Frame], function: str, told: asyncio.Event, *, at_least: float, at_most: float
) -> None:
    """Wait until a function, which may return a promise, has come to its end in one of a tab's frames.

    A frame that goes away, or has another document meanwhile, has answered, too.

    Args:
        told: set where something else ends the waiting.
        at_least, at_most: in seconds, whatever the frames say.
    """
    page._sync(_first_answer([each._impl_obj.evaluate(function, None) for each in frames], told, at_least, at_most))


async def _first_answer(
    calls: Sequence[Coroutine[Any, Any, Any]], told: asyncio.Event, at_least: float, at_most: float
) -> None:
    loop = asyncio.get_running_loop()
    earliest = loop.time() + at_least
    waiting = [loop.create_task(call) for call in (*calls, told.wait())]
    try:
        await asyncio.wait(waiting, timeout=at_most, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)  # what they failed with is known to be an answer
    await asyncio.sleep(earliest - loop.time())


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
