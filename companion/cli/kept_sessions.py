"""The kept browser sessions of this data folder, for commands that sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from companion.core.secret import Secret
    from companion.settings import Settings

_WHY = "Browser sessions are kept and opened in this data folder itself; no service gives one away."


@dataclass(frozen=True)
class LocalSessions:
    """Opens the data folder for each call, as the user who owns it."""

    settings: Settings

    def refuse_another_service(self) -> None:
        """Raises `InvalidSetting` where `COMPANION_URL` names a service that is not this data folder's own."""
        from companion.cli.session import refuse_another_service

        refuse_another_service(self.settings, _WHY)

    def load(self, email: str | None) -> Secret | None:
        """Return what `KeptSessions.find` gives; None where the connections are another service's."""
        from companion.cli.passphrase import AskForPassphrase
        from companion.cli.session import is_another_service
        from companion.wiring.kept_sessions import any_session, opened_sessions

        if is_another_service(self.settings) or not any_session(self.settings):
            return None
        with opened_sessions(self.settings, ask=AskForPassphrase(self.settings)) as sessions:
            return sessions.find(email)

    def save(self, email: str | None, connection_id: str, session: Secret) -> datetime:
        """See `KeptSessions.keep`."""
        from companion.cli.passphrase import AskForPassphrase
        from companion.wiring.kept_sessions import opened_sessions

        with opened_sessions(self.settings, ask=AskForPassphrase(self.settings)) as sessions:
            return sessions.keep(email, connection_id, session)

    def drop(self, email: str | None) -> None:
        """See `KeptSessions.drop`."""
        from companion.cli.passphrase import AskForPassphrase
        from companion.wiring.kept_sessions import opened_sessions

        with opened_sessions(self.settings, ask=AskForPassphrase(self.settings)) as sessions:
            sessions.drop(email)

    def drop_all(self) -> int:
        """Delete the sessions of all users and both worlds; returns how many there were."""
        from companion.wiring.kept_sessions import drop_sessions

        return drop_sessions(self.settings)
