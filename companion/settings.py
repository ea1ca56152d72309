"""Frozen settings, checked once at start: out of the environment and `config.toml`; a sign-in's, the former alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from companion.core.connection import World
from companion.core.errors import FieldError, InvalidSetting
from companion.core.host_map import HostMap, host_map_from_text
from companion.core.people import RoleRules, role_rules_from_text
from companion.core.public_address import PublicAddress, public_address_from_url
from companion.core.secret import Secret

APP_NAME = "bigcommerce-companion"
DEFAULT_PORT = 7467

# These come from the environment alone: a file that lies about must not send secrets elsewhere, nor hold one.
_ENVIRONMENT_ONLY = ("host_map", "ca_file", "passphrase", "data_dir")


def default_data_dir() -> Path:
    """Return the platform's user data folder for this program."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def default_key_file() -> Path:
    """Return where the `file` key provider keeps its key: outside the data folder, so a copy of one is not both."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / "key-encryption-key.json"


class Settings(BaseSettings):
    """Everything that can be set; the names in the environment carry the prefix `COMPANION_`.

    Raises:
        InvalidSetting: from `load_settings`, naming the variable.
    """

    model_config = SettingsConfigDict(
        env_prefix="COMPANION_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(default_factory=default_data_dir)
    connection: str | None = None
    url: str | None = None
    api_token_file: Path | None = None
    database_url: SecretStr | None = None
    queue_url: SecretStr | None = None
    key_provider: Literal["keyring", "file", "passphrase", "aws-kms"] | None = None
    key_file: Path = Field(default_factory=default_key_file)
    passphrase: SecretStr | None = None
    aws_kms_key: str | None = None
    browser: Path | None = None
    host_map: Annotated[HostMap, NoDecode] = HostMap()
    ca_file: Path | None = None
    extra_ca_file: Path | None = None
    verification_code_command: str | None = None
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    public_url: Annotated[PublicAddress | None, NoDecode] = None
    identity_issuer: str | None = None
    identity_audience: str | None = None
    identity_jwks: str | None = None
    identity_roles: Annotated[RoleRules | None, NoDecode] = None
    identity_header: str = "Authorization"
    identity_groups_claim: str = "groups"
    identity_name_claim: str = "email"
    identity_sign_out: str | None = None

    @field_validator("host_map", mode="before")
    @classmethod
    def _read_host_map(cls, value: Any) -> Any:
        return host_map_from_text(value) if isinstance(value, str) else value

    @field_validator("public_url", mode="before")
    @classmethod
    def _read_public_url(cls, value: Any) -> Any:
        return public_address_from_url(value) if isinstance(value, str) else value

    @field_validator("identity_roles", mode="before")
    @classmethod
    def _read_identity_roles(cls, value: Any) -> Any:
        return role_rules_from_text(value) if isinstance(value, str) else value

    @field_validator("identity_jwks")
    @classmethod
    def _keys_come_over_tls_or_from_here(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https://|/|http://(127\.0\.0\.1|\[::1\])(:\d+)?/", value):
            raise ValueError("It is no https address, no http address on 127.0.0.1, and no whole path of a file.")
        return value

    @field_validator("identity_header")
    @classmethod
    def _is_a_headers_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", value):
            raise ValueError("It is not the name of a header.")
        return value

    @field_validator("identity_sign_out")
    @classmethod
    def _is_a_path_of_the_proxy(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"/[A-Za-z0-9_.~%&=?+-][A-Za-z0-9_.~%&=?+/-]*", value):
            raise ValueError("It is not a path at COMPANION_PUBLIC_URL, such as /oauth2/sign_out.")
        return value

    @field_validator("passphrase", mode="before")
    @classmethod
    def _refuse_bytes_that_are_no_text(cls, value: Any) -> Any:
        # The environment gives bytes that are not UTF-8 as lone surrogates; no terminal could type them again.
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("It is no text in UTF-8.")
        return value

    @model_validator(mode="after")
    def _authority_goes_with_a_map(self) -> Self:
        if self.ca_file is not None and not self.host_map:
            raise ValueError("COMPANION_CA_FILE is only used with COMPANION_HOST_MAP; set both or neither.")
        return self

    @model_validator(mode="after")
    def _identity_is_whole(self) -> Self:
        needed = (self.identity_issuer, self.identity_audience, self.identity_jwks, self.identity_roles)
        if any(needed) and not all((*needed, self.public_url)):
            raise ValueError(
                "People sign in with COMPANION_PUBLIC_URL, COMPANION_IDENTITY_ISSUER, COMPANION_IDENTITY_AUDIENCE, "
                "COMPANION_IDENTITY_JWKS and COMPANION_IDENTITY_ROLES together; set all or none of the last four."
            )
        return self

    @property
    def world(self) -> World:
        """Whether names lead to BigCommerce or to a simulated store."""
        return World.SIMULATED if self.host_map else World.REAL

    @property
    def public_origin(self) -> str | None:
        """Scheme and host at which other machines reach the service; None for this machine alone."""
        return None if self.public_url is None else self.public_url.origin

    @property
    def passphrase_secret(self) -> Secret | None:
        """The passphrase in the type that never prints; None where the environment has none."""
        return None if self.passphrase is None else Secret(self.passphrase.get_secret_value())

    @property
    def token_file(self) -> Path:
        """The file with the API token of the service, mode 0600."""
        return self.api_token_file or self.data_dir / "api-token"

    @property
    def state_file(self) -> Path:
        """The file by which clients find the running service of this data folder."""
        return self.data_dir / "service.json"

    @property
    def sign_in_file(self) -> Path:
        """The file by which `companion open` leads a browser to a sign-in link, mode 0600."""
        return self.data_dir / "sign-in.html"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is passed in, then the environment, then the data folder's `config.toml`."""
        del dotenv_settings, file_secret_settings
        data_dir = init_settings.init_kwargs.get("data_dir")  # type: ignore[attr-defined]
        folder = Path(data_dir or os.environ.get("COMPANION_DATA_DIR") or default_data_dir())
        return init_settings, env_settings, _ConfigFile(settings_cls, folder / "config.toml")


class _ConfigFile(TomlConfigSettingsSource):
    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        for name in _ENVIRONMENT_ONLY:
            if name in values:
                raise InvalidSetting(
                    f"`{name}` stands in config.toml, but is taken from the environment alone.",
                    next_step=f"Remove it from the file and set COMPANION_{name.upper()} where it is needed.",
                )
        return values


class SignInSettings(BaseSettings):
    """What an unattended sign-in needs; never stored. Read from the environment alone, no `config.toml` counts."""

    model_config = SettingsConfigDict(
        env_prefix="BIGCOMMERCE_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    email: str | None = None
    password: SecretStr | None = None
    totp_secret: SecretStr | None = None

    @property
    def password_secret(self) -> Secret | None:
        """The password in the type that never prints."""
        return None if self.password is None else Secret(self.password.get_secret_value())

    @property
    def authenticator_secret(self) -> Secret | None:
        """The authenticator secret (base32 or `otpauth://`) in the type that never prints."""
        return None if self.totp_secret is None else Secret(self.totp_secret.get_secret_value())


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` count before the environment.

    Raises:
        InvalidSetting: a variable does not fit; it is named, its value is not repeated.
    """
    try:
        return Settings(**overrides)
    except ValidationError as invalid:
        problems = tuple(
            FieldError("/" + "/".join(map(str, error["loc"])), error["msg"].removeprefix("Value error, "))
            for error in invalid.errors(include_input=False, include_url=False)
        )
        named = ", ".join(f"COMPANION_{problem.pointer[1:].upper()}" for problem in problems if problem.pointer != "/")
        raise InvalidSetting(
            f"A setting does not fit: {named}." if named else "Two settings do not fit together.",
            why=" ".join(problem.detail for problem in problems),
            next_step="Correct the environment variable, or the entry in config.toml, and try again.",
            fields=tuple(problem for problem in problems if problem.pointer != "/"),
        ) from None
    except OSError as unreadable:
        raise InvalidSetting(
            f"config.toml could not be read: {unreadable.strerror}.", next_step="Check the file and its permissions."
        ) from None
    except RecursionError:
        raise InvalidSetting("config.toml is nested too deep.", next_step="Correct the file.") from None
    except ValueError as malformed:  # a TOML syntax error is a ValueError
        raise InvalidSetting(
            f"config.toml could not be read: {malformed}.", next_step="Correct the file at the place named."
        ) from None
