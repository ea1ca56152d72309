"""`companion demo` with a witness: keeps the simulated store's secrets, and a copy of the disk at the hand-over.

Called with the file for the secrets, the folder for the copy, and the demo's own arguments. At the hand-over all
secrets have been on screen, the browser is still open and nothing has been cleaned up.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from automation.jobs import hand_over
from companion.cli import main
from simulated_store.state import SimulatedBigCommerce

secrets_file, copy, *arguments = sys.argv[1:]
worlds: list[SimulatedBigCommerce] = []
make = SimulatedBigCommerce.__init__
deliver = hand_over.HandOver.deliver


def remembered(world: SimulatedBigCommerce, *args: Any, **kwargs: Any) -> None:
    make(world, *args, **kwargs)
    worlds.append(world)


def copied_first(self: hand_over.HandOver, *args: Any, **kwargs: Any) -> Any:
    for name, place in (("temporary", tempfile.gettempdir()), ("home", os.environ["HOME"])):
        with contextlib.suppress(shutil.Error):  # sockets cannot be copied; what can be, has been
            shutil.copytree(place, Path(copy, name), symlinks=True)
    return deliver(self, *args, **kwargs)


SimulatedBigCommerce.__init__ = remembered  # type: ignore[method-assign]
hand_over.HandOver.deliver = copied_first  # type: ignore[method-assign]
sys.argv[1:] = arguments
try:
    main()
finally:
    Path(secrets_file).write_text(json.dumps([world.secrets.by_kind() for world in worlds]))
