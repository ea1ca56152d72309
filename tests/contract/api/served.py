"""What the tests of the API share."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.core.secret import Secret
from companion.settings import Settings, load_settings
from companion.wiring.service import RunningService

BOTH_SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})
A_TOKEN = Secret("a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p")


@dataclass(frozen=True)
class Served:
    """The running service and what it runs on."""

    service: RunningService
    settings: Settings
    log: io.StringIO

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.service.api_token.reveal()}"}


def settings_in(folder: Path, **more: Any) -> Settings:
    return load_settings(
        data_dir=folder / "data", key_file=folder / "config" / "key.json", key_provider="file", url=None, **more
    )
