"""A Chromium as a person would start it for `--attach`, at a debugging port."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator

from chromium import chromium_path

from simulated_store.serving.server import RunningStore


@contextlib.contextmanager
def started(store: RunningStore, *flags: str) -> Iterator[str]:
    """A Chromium as a person would start it, that reaches `store`; gives the address of its debugging port."""
    target = f"127.0.0.1:{store.port}"
    rules = ",".join(f"MAP {entry.partition('=')[0]} {target}" for entry in store.host_map.split(","))
    with tempfile.TemporaryDirectory(prefix="attach-") as folder:
        process = subprocess.Popen(
            [
                str(chromium_path()),
                "--headless=new",
                "--no-sandbox",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder}/profile",
                f"--host-resolver-rules={rules},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
                f"--ignore-certificate-errors-spki-list={store.public_key_pin}",
                *flags,
                "about:blank",
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "DevTools listening on " in line)
            yield line.rpartition(" ")[2].strip()
        finally:
            process.kill()
            process.communicate()
