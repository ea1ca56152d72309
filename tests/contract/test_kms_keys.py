"""The key provider `aws-kms`, against a server that answers as KMS does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import httpx2
import pytest
from moto.server import ThreadedMotoServer  # type: ignore[import-untyped]

from companion.core.errors import InvalidSetting, KeysUnavailable, WrongKey
from companion.keys.aws_kms import FILE_NAME
from companion.keys.changing import changing_keys
from companion.keys.choice import OpenedKeys, open_keys
from companion.keys.folder_keys import FolderKeys


@pytest.fixture(scope="module")
def kms_address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def kms_key(kms_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": kms_address,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("HTTP_PROXY", "http_proxy", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return str(boto3.client("kms").create_key()["KeyMetadata"]["KeyId"])


def open_with(folder: Path, kms_key: str | None) -> OpenedKeys:
    return open_keys(folder / "data", wanted="aws-kms", key_file=folder / "key.json", kms_key=kms_key)


def test_what_is_wrapped_unwraps_in_a_later_process(tmp_path: Path, kms_key: str) -> None:
    wrapped = open_with(tmp_path, kms_key).provider.wrap(b"k" * 32, b"bound")
    later = open_with(tmp_path, None)  # the file says itself which key seals it
    assert later.provider.unwrap(wrapped, b"bound") == b"k" * 32
    kept = json.loads((tmp_path / "data" / FILE_NAME).read_text())
    assert set(kept) == {"format", "folder_id", "kms_key", "sealed"}
    assert kept["kms_key"].endswith(kms_key)


def test_a_rotation_keeps_the_key_of_kms_and_makes_a_new_one_below_it(tmp_path: Path, kms_key: str) -> None:
    keys = open_with(tmp_path, kms_key).provider
    old = keys.active_key_id
    with changing_keys(keys) as changing:
        changing.begin()
        changing.announce()
        changing.finish(frozenset({old}))
    later = open_with(tmp_path, None).provider
    assert later.held_key_ids == {changing.active_key_id} != {old}


def test_a_folder_of_its_own_key_is_not_opened_for_another(tmp_path: Path, kms_key: str) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    open_with(one, kms_key)
    other_id = open_with(other, kms_key).folder_id
    taken = json.loads((one / "data" / FILE_NAME).read_text())
    (other / "data" / FILE_NAME).write_text(json.dumps({**taken, "folder_id": other_id}))
    with pytest.raises(WrongKey):
        open_with(other, None)


def test_which_key_seals_must_be_said(tmp_path: Path, kms_key: str) -> None:
    with pytest.raises(InvalidSetting, match="COMPANION_AWS_KMS_KEY"):
        open_with(tmp_path, None)
    assert not (tmp_path / "data" / "keys.json").exists()


def test_a_key_that_is_gone_is_an_error_and_never_another_key(tmp_path: Path, kms_key: str, kms_address: str) -> None:
    open_with(tmp_path, kms_key)
    before = (tmp_path / "data" / FILE_NAME).read_bytes()
    httpx2.post(f"{kms_address}/moto-api/reset", trust_env=False).raise_for_status()
    with pytest.raises(KeysUnavailable, match="KMS"):
        open_with(tmp_path, None)
    with pytest.raises(KeysUnavailable, match="NotFoundException"):
        open_with(tmp_path / "new", "00000000-0000-0000-0000-000000000000")
    assert (tmp_path / "data" / FILE_NAME).read_bytes() == before
    assert not (tmp_path / "new" / "data" / "keys.json").exists()


def test_a_kms_that_cannot_be_reached_is_told(tmp_path: Path, kms_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_with(tmp_path, kms_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:1")
    with pytest.raises(KeysUnavailable, match="cannot be asked"):
        open_with(tmp_path, None)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}'])
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, kms_key: str, content: str) -> None:
    open_with(tmp_path, kms_key)
    (tmp_path / "data" / FILE_NAME).write_text(content)
    with pytest.raises(KeysUnavailable, match="cannot be used"):
        open_with(tmp_path, None)
    assert (tmp_path / "data" / FILE_NAME).read_text() == content


class SharedInMemory:
    """What machines share, as the database keeps it."""

    def __init__(self) -> None:
        self.text: str | None = None

    def shared_keys(self) -> str | None:
        return self.text

    def share_keys(self, text: str, *, only_first: bool = False) -> None:
        if self.text is None or not only_first:
            self.text = text

    def changing_keys(self) -> AbstractContextManager[None]:
        return nullcontext()


def test_machines_on_one_database_follow_a_rotation_without_a_restart(tmp_path: Path, kms_key: str) -> None:
    there = SharedInMemory()

    def joined(name: str, key: str | None) -> FolderKeys:
        keys = open_keys(
            tmp_path / name / "data", wanted="aws-kms", key_file=tmp_path / "key.json", kms_key=key, shared=there
        ).provider
        keys.share(there)
        return keys

    one = joined("one", kms_key)
    other = joined("other", None)  # with credentials for KMS and the database alone
    assert other.active_key_id == one.active_key_id
    wrapped = other.wrap(b"k" * 32, b"bound")
    with changing_keys(one) as changing:
        changing.begin()
        changing.announce()
        after = one.wrap(b"n" * 32, b"bound")
        assert other.unwrap(after, b"bound") == b"n" * 32
        changing.finish(frozenset({wrapped.key_id}))
    assert other.unwrap(after, b"bound") == b"n" * 32
    assert other.active_key_id == one.active_key_id != wrapped.key_id
    assert joined("third", None).held_key_ids == {one.active_key_id}
    assert not (tmp_path / "key.json").exists()
