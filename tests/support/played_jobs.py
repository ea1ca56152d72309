"""Processes that drive no browser: a test plays what they tell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from companion.core.retrieval_events import Ended, Event, Failure, Ready
from companion.core.retrieval_order import OrderWord, RetrievalOrder, order_from_line
from companion.core.secret import Secret

ACCOUNT = "BigCommerce Companion k3v9q2x7ab"
READY = Ready(ACCOUNT, ("store_storefront_api",))
LIMIT = 60.0  # seconds; only reached where something hangs


@dataclass
class PlayedJob:
    """A process that does nothing by itself."""

    order: RetrievalOrder
    on_event: Callable[[Event], None]
    on_end: Callable[[], None]
    seconds: float
    told: list[tuple[OrderWord, str | None]] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    killed: bool = False
    ends_when_cancelled: bool = True
    over: threading.Event = field(default_factory=threading.Event)

    def tell(self, word: OrderWord, step: str | None = None) -> None:
        self.told.append((word, step))

    def cancel(self) -> None:
        self.cancelled.set()
        if self.ends_when_cancelled and not self.over.is_set():
            self.ends(Ended(Failure("interrupted", "The retrieval was interrupted.")))

    def kill(self) -> None:
        self.killed = True
        self.ends()

    def wait(self, seconds: float) -> bool:
        return self.over.wait(min(seconds, 0.05))

    def ends(self, event: Event | None = None) -> None:
        if event is not None:
            self.on_event(event)
        self.on_end()
        self.over.set()


@dataclass
class PlayedJobs:
    """Starts processes that a test plays; `first` is what each tells at once."""

    has_display: bool = True
    first: tuple[Event, ...] = (READY,)
    failure: Exception | None = None
    started: list[PlayedJob] = field(default_factory=list)

    def start(
        self, order: Secret, *, on_event: Callable[[Event], None], on_end: Callable[[], None], seconds: float
    ) -> PlayedJob:
        if self.failure is not None:
            raise self.failure
        job = PlayedJob(order_from_line(order), on_event, on_end, seconds)
        self.started.append(job)
        for event in self.first:
            on_event(event)
        if self.first and isinstance(self.first[-1], Ended):
            job.ends()
        return job

    @property
    def job(self) -> PlayedJob:
        return self.started[-1]
