"""`companion serve` as a process of its own that starts retrievals, and who follows them over real HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil  # type: ignore[import-untyped]
from chromium import chromium_path
from programs import LIMIT, Program

GONE = 90.0  # seconds; only reached where something hangs


@dataclass
class Event:
    """One server-sent event."""

    number: int
    kind: str
    data: dict[str, Any]


@dataclass
class RetrievingService:
    """The running service, called with its API token.

    Attributes:
        said: all that it wrote, once it has ended.
    """

    program: Program
    process: subprocess.Popen[str]
    url: str
    http: httpx2.Client
    said: str = ""

    def __post_init__(self) -> None:
        # Read all the while: who follows a retrieval fills a pipe with lines of the log, and the service would wait.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        self.said += "".join(self.process.communicate())

    def start(self, name: str = "shop", **wanted: Any) -> dict[str, Any]:
        answer = self.http.post("/retrievals", json={"name": name, "mode": "unattended", **wanted})
        assert answer.status_code == 201, answer.text
        return self._object(answer)

    def get(self, retrieval_id: str) -> dict[str, Any]:
        return self._object(self.http.get(f"/retrievals/{retrieval_id}"))

    def order(self, retrieval_id: str, order: str, step: str | None = None) -> httpx2.Response:
        body = {"order": order} if step is None else {"order": order, "step": step}
        return self.http.post(f"/retrievals/{retrieval_id}/orders", json=body)

    def cancel(self, retrieval_id: str) -> dict[str, Any]:
        answer = self.http.delete(f"/retrievals/{retrieval_id}")
        assert answer.status_code == 202, answer.text
        return self._object(answer)

    def events(self, retrieval_id: str, last: int = 0) -> Iterator[Event]:
        """One stream, until it ends."""
        headers = {"Last-Event-ID": str(last)} if last else {}
        with self.http.stream("GET", f"/retrievals/{retrieval_id}/events", headers=headers) as answer:
            if answer.status_code == 204:
                return
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            yield from events_of(answer.iter_lines())

    def follow(self, retrieval_id: str) -> Iterator[Event]:
        """Every event until the retrieval is over, through as many streams as it takes."""
        last = 0
        while True:
            for event in self.events(retrieval_id, last):
                last = event.number
                yield event
            if self.get(retrieval_id)["ended_at"] is not None:
                yield from self.events(retrieval_id, last)
                return

    def until(
        self, retrieval_id: str, condition: Callable[[dict[str, Any]], object], *, and_not_over: bool = True
    ) -> dict[str, Any]:
        """Wait until a condition holds of the retrieval."""
        end = time.monotonic() + LIMIT
        while not condition(retrieval := self.get(retrieval_id)):
            assert not (and_not_over and retrieval["ended_at"]), retrieval
            assert time.monotonic() < end, retrieval
            time.sleep(0.05)
        return retrieval

    def until_over(self, retrieval_id: str) -> dict[str, Any]:
        return self.until(retrieval_id, lambda retrieval: retrieval["ended_at"], and_not_over=False)

    def children(self) -> list[psutil.Process]:
        """The processes below the service."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def child(self) -> psutil.Process:
        """The process of the retrieval."""
        return next(each for each in self.children() if "automation.cli.retrieval_child" in each.cmdline())

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stop it, and take in what it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.wait()

    def wait(self) -> None:
        """Wait until it has ended, and all that it said is taken in."""
        self._reader.join(timeout=LIMIT)
        assert not self._reader.is_alive(), "the service has not ended"

    @staticmethod
    def _object(answer: httpx2.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document


def events_of(lines: Iterator[str]) -> Iterator[Event]:
    """Read server-sent events as the standard has them; comments are passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "data" in fields:
                yield Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}


class Serving:
    """Starts services for a test, and sees to it that nothing of them is left."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started: list[RetrievingService] = []

    def __call__(self, **environment: str) -> RetrievingService:
        process = self.program.start("serve", "--port", "0", environment=environment)
        state = self.program.place / "data" / "service.json"
        end = time.monotonic() + LIMIT
        while not state.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)
        url = json.loads(state.read_text())["url"]
        token = (self.program.place / "data" / "api-token").read_text().strip()
        http = httpx2.Client(
            base_url=url + "/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=LIMIT,
        )
        service = RetrievingService(self.program, process, url, http)
        self.started.append(service)
        return service

    def end(self) -> None:
        for service in self.started:
            service.http.close()
            below = service.children() if service.process.poll() is None else []
            service.process.kill()
            service.wait()
            psutil.wait_procs(below, timeout=GONE)


@dataclass
class PersonsBrowser:
    """A browser that the service takes for one with a window, at which a person of a test sits.

    It is Chromium without a screen that also listens at a debugging port, as `DISPLAY` says there is one.
    """

    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {"COMPANION_BROWSER": str(self._program()), "DISPLAY": ":0"}

    def address(self) -> str:
        """Wait for the browser, and return where it listens."""
        end = time.monotonic() + LIMIT
        while True:
            text = self._said.read_text() if self._said.exists() else ""
            found = [line for line in text.splitlines() if "DevTools listening on " in line]
            if found:
                return found[-1].rpartition(" ")[2].strip()
            assert time.monotonic() < end
            time.sleep(0.02)

    @property
    def _said(self) -> Path:
        return self.folder / "browser-said"

    def _program(self) -> Path:
        program = self.folder / "browser"
        if not program.exists():
            program.write_text(
                "#!/bin/sh\n"
                f'case "$*" in *--version*) exec "{chromium_path()}" "$@";; esac\n'
                f'exec "{chromium_path()}" --headless=new --remote-debugging-port=0 "$@" 2>>"{self._said}"\n'
            )
            program.chmod(0o755)
        return program
