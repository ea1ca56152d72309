"""The keys of data folders on several machines that share one database: what one changes, the others take over.

In the database stands what `keys.json` says and, for a provider whose keys lie sealed in the data folder (`passphrase`,
`aws-kms`), that sealed file. It is put there before it is written here, and what stands there counts: so a key wraps
nothing that another machine could not come by. Where the key is kept on a machine alone (`file`, `keyring`), nobody
else can take it over; that is said, with what to do.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from companion.core.envelope import envelope_from_bytes
from companion.core.errors import KeysUnavailable, StorageFailed
from companion.keys.aws_kms import KmsFile
from companion.keys.folder_file import Choice, choice_from_text, choice_to_text, read_choice, write_choice
from companion.keys.passphrase import PassphraseFile
from companion.keys.places import Keeper, Places

_FORMAT = 1


class SharedPlace(Protocol):
    """Where machines share what they must know of the keys. Every method raises `StorageFailed`."""

    def shared_keys(self) -> str | None:
        """Return what stands there; None where nothing does yet."""
        ...

    def share_keys(self, text: str, *, only_first: bool = False) -> None:
        """Put it there, durably; with `only_first` where nothing stands there yet."""
        ...

    def changing_keys(self) -> AbstractContextManager[None]:
        """Let nobody else on any machine change the keys meanwhile. Raises `Conflict`: somebody is at it."""
        ...


@dataclass(frozen=True)
class Published:
    """What stands in the database.

    Attributes:
        sealed: the sealed file of the keys; None where they are kept on a machine alone.
        machine: the name of the one that put it there.
    """

    choice: Choice
    sealed: bytes | None = field(repr=False)
    machine: str

    @property
    def key_id(self) -> str:
        """The id of the key that was active when it was put there."""
        return envelope_from_bytes(self.choice.key_check).wrapped_key.key_id


class SharedKeys:
    """Puts there what this machine changed, and takes over what another did."""

    def __init__(self, there: SharedPlace, places: Places) -> None:
        """Take over both; nothing is read yet."""
        self._there = there
        self._places = places

    def changing(self) -> AbstractContextManager[None]:
        """See `SharedPlace.changing_keys`."""
        return self._there.changing_keys()

    def publish(self, choice: Choice, sealed: bytes | None, *, only_first: bool = False) -> None:
        """Put there what this machine is about to write. Raises `StorageFailed`: nothing was put there."""
        document = {
            "format": _FORMAT,
            "choice": choice_to_text(choice),
            "sealed": None if sealed is None else base64.b64encode(sealed).decode(),
            "machine": socket.gethostname()[:255],
        }
        self._there.share_keys(json.dumps(document), only_first=only_first)

    def publish_first(self, choice: Choice, keeper: Keeper) -> None:
        """Put there what this machine has, where nothing stands there yet."""
        self.publish(choice, sealed_content(keeper), only_first=True)

    def bring(self, needed: str | None = None) -> bool:
        """Write here what stands there, unless it is the same; says whether anything was written.

        Args:
            needed: the id of the key that is asked for; where another is not to be had, that is no error.

        Raises:
            KeysUnavailable: the key is on another machine alone.
            StorageFailed: the database or the data folder cannot be used.
        """
        text = self._there.shared_keys()
        if text is None:
            return False
        published = published_from_text(text)
        data_dir = self._places.data_dir
        here = read_choice(data_dir)
        if here is not None and here.folder_id != published.choice.folder_id:
            return False  # another data folder's database, which is refused by its id
        keeper = self._places.keeper(published.choice.provider)
        if published.sealed is None:
            if here == published.choice:
                return False
            held = keeper.load(published.choice.folder_id)
            if held is None or published.key_id not in held.keys:
                if needed in {None, published.key_id}:
                    raise _is_elsewhere(published, keeper)
                return False
        else:
            if here == published.choice and sealed_content(keeper) == published.sealed:
                return False
            assert isinstance(keeper, PassphraseFile | KmsFile)  # noqa: S101  only these are sealed
            keeper.put(published.sealed)
        self._write(published.choice, data_dir)
        self._leave(here, published.choice)
        return True

    def _write(self, choice: Choice, data_dir: Path) -> None:
        try:
            write_choice(data_dir, choice, is_new=False)
        except OSError as failure:
            raise StorageFailed(
                f"The data folder {data_dir} could not be written: {failure.strerror or failure}.",
                why="The keys were changed on another machine, and this one takes over what it must know of them.",
                next_step="Free some space or make it writable.",
            ) from None

    def _leave(self, before: Choice | None, now: Choice) -> None:
        """Keep nothing here where the keys were before a move that has come to its end."""
        if before is None or now.left is not None:
            return
        left = before.provider if before.left is None else before.left[0]
        if left != now.provider:
            with contextlib.suppress(KeysUnavailable):
                self._places.keeper(left).remove(now.folder_id)


def sealed_content(keeper: Keeper) -> bytes | None:
    """Return the sealed file of a keeper whose keys lie sealed in the data folder; None of any other."""
    return keeper.content() if isinstance(keeper, PassphraseFile | KmsFile) else None


def published_from_text(text: str) -> Published:
    """Read what `SharedKeys.publish` put there. Raises `KeysUnavailable`: it is something else."""
    try:
        document = json.loads(text)
        sealed = document["sealed"]
        content = None if sealed is None else base64.b64decode(sealed, validate=True)
        published = Published(choice_from_text(document["choice"]), content, str(document["machine"]))
        sound = document["format"] == _FORMAT and bool(published.key_id)
        sound = sound and (content is not None) == (published.choice.provider in {"passphrase", "aws-kms"})
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        sound = False
    if not sound:
        raise KeysUnavailable(
            "What the database says of the keys cannot be read.",
            why="It is damaged, or was written by a newer version of this program.",
            next_step="Use the newest version on every machine. Nothing was changed.",
        )
    return published


def _is_elsewhere(published: Published, keeper: Keeper) -> KeysUnavailable:
    provider = published.choice.provider
    if keeper.place:
        carry = (
            f"Bring the key file of the machine {published.machine!r} here, as {keeper.place} with mode 0600; this "
            "goes on by itself then."
        )
    else:
        carry = (
            "A keychain gives its keys to no other machine: on the one that has it, move the key to where all machines "
            "can use it, with `companion keys rewrap --to passphrase` or `--to aws-kms`."
        )
    return KeysUnavailable(
        f"The key was changed on the machine {published.machine!r}, and this machine does not have the new one.",
        why=f"The key {published.key_id} is kept by `{provider}` there, and by nothing that machines share.",
        next_step=carry,
    )
