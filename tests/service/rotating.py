"""A process that rotates the keys of a data folder again and again, and says so, until it is killed.

python rotating.py DATA_FOLDER KEY_FILE [records a batch]
"""

from __future__ import annotations

import sys
from pathlib import Path

from companion.keys.changing import changing_keys
from companion.keys.choice import open_keys
from companion.service import rotate_keys
from companion.storage.sqlite import open_sqlite_repository

if __name__ == "__main__":
    data_dir, key_file = Path(sys.argv[1]), Path(sys.argv[2])
    rotate_keys.BATCH = int(sys.argv[3])
    keys = open_keys(data_dir, wanted=None, key_file=key_file)
    repository = open_sqlite_repository(data_dir, folder_id=keys.folder_id, rewrap=keys.provider.rewrap)
    print("ready", flush=True)  # noqa: T201  what the test waits for
    while True:
        with changing_keys(keys.provider) as changing:
            rotate_keys.rotate_keys(changing, repository, told=lambda _number: print("batch", flush=True))  # noqa: T201
        print("rotated", flush=True)  # noqa: T201
