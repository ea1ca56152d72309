"""The key provider `aws-kms`: keys in a file of the data folder, sealed by a key of AWS Key Management Service.

KMS is asked when a process starts and when the keys change, not for each secret: it unseals the key-encryption key,
which then works in memory. Credentials, region and endpoint are boto3's own business (its variables and files).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from companion.core.errors import InvalidSetting, KeysUnavailable, WrongKey
from companion.keys.held import HeldKeys, keys_from_text, keys_to_text
from companion.private_files import create_private_file, replace_private_file

NAME = "aws-kms"
FILE_NAME = "aws-kms-keys.json"

_FORMAT = 1
# KMS answers in a tenth of a second; who waits for a command shall not wait for a network that is gone.
_CONNECT_SECONDS, _ANSWER_SECONDS, _TRIES = 3, 5, 2


class KmsFile:
    """The file, and the way to KMS."""

    def __init__(self, file: Path, kms_key: str | None, *, client: Callable[[], Any] | None = None) -> None:
        """Take over the file; nothing is read or asked yet.

        Args:
            kms_key: id, ARN or alias of the key that seals a new file; one that is there names its own.
            client: makes a client of KMS; boto3's if None.
        """
        self._file = file
        self._kms_key = kms_key
        self._client = client or _boto3_client

    @property
    def name(self) -> str:
        """The name of the provider."""
        return NAME

    @property
    def place(self) -> str:
        """Nowhere else: the file is in the data folder."""
        return ""

    def load(self, folder_id: str) -> HeldKeys | None:
        """Return the keys of the data folder, None where the file is missing.

        Raises:
            KeysUnavailable: KMS cannot be asked or refuses, or the file is damaged.
            WrongKey: KMS did not seal it, or for another data folder.
        """
        content = self._read(folder_id)
        if content is None:
            return None
        with _failures():
            answer = self._client().decrypt(
                CiphertextBlob=content[1], KeyId=content[0], EncryptionContext=_context(folder_id)
            )
        return keys_from_text(answer["Plaintext"].decode("utf-8", "replace"), where=str(self._file))

    def store(self, folder_id: str, held: HeldKeys) -> None:
        """Write a new file. Raises `KeysUnavailable`: KMS cannot be asked, or there is one."""
        self._put(self._sealed(folder_id, held, self._wanted_key()), is_new=True)

    def replace(self, folder_id: str, held: HeldKeys) -> None:
        """Write the file in place of the one there is, under the same key of KMS. Raises `KeysUnavailable`."""
        self.put(self.sealed(folder_id, held))

    def content(self) -> bytes | None:
        """Return the file as it is; None where it is missing. Raises `KeysUnavailable`."""
        try:
            with self._file_failures():
                return self._file.read_bytes()
        except FileNotFoundError:
            return None

    def sealed(self, folder_id: str, held: HeldKeys) -> bytes:
        """Return the file that would hold these keys. Raises `KeysUnavailable`: KMS cannot be asked, or refuses."""
        content = self._read(folder_id)
        return self._sealed(folder_id, held, self._wanted_key() if content is None else content[0])

    def put(self, content: bytes) -> None:
        """Write a file that `sealed` returned, in place of the one there is. Raises `KeysUnavailable`."""
        self._put(content, is_new=False)

    def remove(self, folder_id: str) -> None:
        """Delete the file; the key stays in KMS. Raises `KeysUnavailable`."""
        del folder_id
        with self._file_failures():
            self._file.unlink(missing_ok=True)

    def _wanted_key(self) -> str:
        if not self._kms_key:
            raise InvalidSetting(
                "Which key of KMS is to seal the keys of this data folder is not said.",
                next_step="Set COMPANION_AWS_KMS_KEY to the id, ARN or alias of a symmetric key.",
            )
        return self._kms_key

    def _sealed(self, folder_id: str, held: HeldKeys, kms_key: str) -> bytes:
        with _failures():
            answer = self._client().encrypt(
                KeyId=kms_key, Plaintext=keys_to_text(held).encode(), EncryptionContext=_context(folder_id)
            )
        content = {
            "format": _FORMAT,
            "folder_id": folder_id,
            "kms_key": answer["KeyId"],
            "sealed": base64.b64encode(answer["CiphertextBlob"]).decode(),
        }
        return json.dumps(content, indent=1).encode()

    def _put(self, content: bytes, *, is_new: bool) -> None:
        write = create_private_file if is_new else replace_private_file
        with self._file_failures():
            write(self._file, content)

    def _read(self, folder_id: str) -> tuple[str, bytes] | None:
        try:
            with self._file_failures():
                content: Any = json.loads(self._file.read_bytes())
            if content["format"] != _FORMAT or content["folder_id"] != folder_id:
                raise ValueError("of another folder or version")
            return str(content["kms_key"]), base64.b64decode(content["sealed"], validate=True)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            raise KeysUnavailable(
                f"The key file {self._file} cannot be used.",
                why="It is damaged, belongs to another data folder, or was written by a newer version of this program.",
                next_step="Put it back from a backup. Nothing was changed.",
            ) from None

    @contextmanager
    def _file_failures(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as failure:
            raise KeysUnavailable(
                f"The key file {self._file} cannot be used.",
                why=f"{failure.strerror or type(failure).__name__}.",
                next_step="Check the file and the free space of the data folder.",
            ) from None


def _context(folder_id: str) -> dict[str, str]:
    """Bind what is sealed to the data folder; CloudTrail shows it, so it holds nothing secret."""
    return {"bigcommerce-companion": folder_id}


def _boto3_client() -> Any:
    try:
        import boto3  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]
    except ImportError:
        raise InvalidSetting(
            "The key provider `aws-kms` needs a library that is not installed.",
            next_step="Install it: pipx install 'bigcommerce-companion[aws]'",
        ) from None
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_ANSWER_SECONDS,
        retries={"total_max_attempts": _TRIES},
    )
    return boto3.client("kms", config=config)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
    except ImportError:
        BotoCoreError = ClientError = InvalidSetting  # noqa: N806  the client says what is missing
    try:
        yield
    except InvalidSetting:
        raise
    except ClientError as refusal:
        code = str(refusal.response.get("Error", {}).get("Code", "unknown"))
        if code in {"InvalidCiphertextException", "IncorrectKeyException"}:
            raise WrongKey(
                "AWS KMS does not unseal the key of this data folder.",
                why=f"It says {code}: the file was changed, or was sealed by another key or for another data folder.",
                next_step="Put the file back from a backup. Nothing was changed.",
            ) from None
        raise KeysUnavailable(
            "AWS KMS refuses.",
            why=f"It says {code}.",
            next_step="Check that the key exists and is enabled, and that these credentials may encrypt and decrypt "
            "with it.",
        ) from None
    except BotoCoreError as failure:
        raise KeysUnavailable(
            "AWS KMS cannot be asked.",
            why=f"{type(failure).__name__}: no credentials, no region, or no network.",
            next_step="Set AWS_REGION and credentials as for the AWS command line, check the network, and try again.",
        ) from None
