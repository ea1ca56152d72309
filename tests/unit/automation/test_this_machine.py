"""Asking a program for its version."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from automation.browser.this_machine import version_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")


def test_a_browser_that_is_asked_for_its_version_sees_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "version: $1 $BIGCOMMERCE_PASSWORD $BIGCOMMERCE_TOTP_SECRET."\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BIGCOMMERCE_PASSWORD", "made-up-password")
    monkeypatch.setenv("BIGCOMMERCE_TOTP_SECRET", "MADEUPSECRET")

    assert version_of(str(browser)) == "version: --version  ."
