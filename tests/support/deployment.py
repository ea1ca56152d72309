"""Services and workers as on several machines, each a process: with PostgreSQL, KMS and a proxy that ends TLS."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil  # type: ignore[import-untyped]
from moto.server import ThreadedMotoServer  # type: ignore[import-untyped]
from tls_balancer import TlsBalancer

from automation.queue.database import QueueDatabase
from automation.queue.handing_out import HandedOut
from companion.client import CompanionClient
from companion.core.secret import Secret
from simulated_store.serving.server import RunningStore

LIMIT = 1800.0
"""Seconds; only reached where something hangs."""

WORKERS_MAY = ("read", "verify", "hand-over")
"""The actions of a worker's API token, as `docs/at-scale.md` has them."""


@dataclass
class Running:
    """A process of the program, and what it wrote.

    Attributes:
        log: its standard error.
    """

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def kill(self) -> None:
        """End it at once, with whatever it started."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        for each in below:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait()

    def browsers(self) -> list[psutil.Process]:
        """The browser's first processes: not those that it starts itself."""
        return [
            each
            for each in psutil.Process(self.process.pid).children(recursive=True)
            if "--remote-debugging-pipe" in " ".join(each.cmdline()) and "--type=" not in " ".join(each.cmdline())
        ]


class Deployment:
    """What several machines share, and what is started on them."""

    def __init__(self, place: Path, served: RunningStore, *, database: str, queue: str, kms: str) -> None:
        self._place = place
        self._served = served
        self._stack = ExitStack()
        self.balancer = self._stack.enter_context(TlsBalancer(place))
        self.queue = QueueDatabase(queue)
        self.api_token = Secret(secrets.token_hex(32))
        token_file = place / "api-token"
        token_file.touch(0o600)
        token_file.write_text(self.api_token.reveal())
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("COMPANION_", "BIGCOMMERCE_"))}
        browser = {key: os.environ[key] for key in ("COMPANION_BROWSER",) if key in os.environ}
        common = {
            **kept, **browser,
            "COMPANION_HOST_MAP": served.host_map, "COMPANION_CA_FILE": str(served.ca_file),
            "COMPANION_API_TOKEN_FILE": str(token_file),
        }  # fmt: skip
        self._service = {
            **common,
            "COMPANION_DATABASE_URL": database,
            "COMPANION_KEY_PROVIDER": "aws-kms", "COMPANION_AWS_KMS_KEY": "alias/companion",
            "COMPANION_PUBLIC_URL": self.balancer.url,
            "AWS_ENDPOINT_URL_KMS": kms, "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        owner = served.state.owner
        self._worker = {
            **common,
            "COMPANION_URL": self.balancer.url, "COMPANION_EXTRA_CA_FILE": str(self.balancer.ca_file),
            "COMPANION_QUEUE_URL": queue,
            "BIGCOMMERCE_EMAIL": owner.email, "BIGCOMMERCE_PASSWORD": owner.password,
        }  # fmt: skip

    def close(self) -> None:
        self._stack.close()

    def client(self) -> CompanionClient:
        return CompanionClient(self.balancer.url, self.api_token, extra_ca_file=self.balancer.ca_file)

    def handed_out(self) -> HandedOut:
        return HandedOut(self.queue)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command as on a machine with a worker."""
        environment = {**self._worker, "COMPANION_DATA_DIR": str(self._place / "at-hand")}
        return subprocess.run(
            [_program(), *arguments], env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )

    def service(self, name: str) -> Running:
        """Start a service, and send callers to it."""
        running = self._start(name, self._service, "serve", "--port", "0")
        wait_until(lambda: "Listening on http://" in running.said(), running)
        url = next(word for word in running.said().split() if word.startswith("http://127.0.0.1:"))
        self.balancer.backends.append(int(url.rpartition(":")[2]))
        return running

    def worker(self, name: str, *options: str, **environment: str) -> Running:
        """Start a worker, with an API token for what workers do and nothing else."""
        environment = {"COMPANION_API_TOKEN_FILE": str(self._token_of_workers()), **environment}
        running = self._start(name, {**self._worker, **environment}, "worker", *options)
        wait_until(lambda: "Waiting for stores" in running.said(), running)
        return running

    def _token_of_workers(self) -> Path:
        file = self._place / "token-of-workers"
        if not file.exists():
            with self.client() as client:
                _, token = client.create_api_token("workers", connections=None, actions=list(WORKERS_MAY))
            file.touch(0o600)
            file.write_text(token.reveal())
        return file

    def _start(self, name: str, environment: Mapping[str, str], *arguments: str) -> Running:
        folder = self._place / name
        (folder / "t").mkdir(parents=True)
        log = folder / "log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [_program(), *arguments],
                env={**environment, "COMPANION_DATA_DIR": str(folder / "data"), "TMPDIR": str(folder / "t")},
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        running = Running(process, log)
        self._stack.callback(_end, process)
        return running


@contextmanager
def key_service() -> Iterator[str]:
    """Run a KMS with the key `alias/companion`; gives its address."""
    import boto3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        kms = boto3.client(
            "kms", endpoint_url=address, region_name="eu-central-1", aws_access_key_id="made-up",
            aws_secret_access_key="made-up",
        )  # fmt: skip
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/companion", TargetKeyId=key)
        kms.close()
        yield address
    finally:
        # Its keys are the process's, and would be there for the next one.
        httpx2.post(f"{address}/moto-api/reset")
        server.stop()


def wait_until(condition: Callable[[], object], *running: Running, seconds: float = LIMIT, apart: float = 0.05) -> None:
    """Wait for what must become true while these live."""
    end = time.monotonic() + seconds
    while not condition():
        for each in running:
            assert each.process.poll() is None, each.said()
        assert time.monotonic() < end, [each.said()[-2000:] for each in running]
        time.sleep(apart)


def _program() -> str:
    return str(Path(sys.executable).with_name("companion"))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(90)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
