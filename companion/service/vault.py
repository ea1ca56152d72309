"""Seals secrets for the place they are stored in, and opens them again."""

from __future__ import annotations

from dataclasses import dataclass

from companion.core.entropy import Entropy
from companion.core.envelope import associated_data, open_envelope, seal_envelope
from companion.core.errors import Tampered, WrongKey
from companion.core.secret import Secret
from companion.ports.connections import SecretField
from companion.ports.keys import KeyProvider


@dataclass(frozen=True)
class Vault:
    """The keys and the envelope format together. Holds no secret of its own, stores nothing."""

    keys: KeyProvider
    entropy: Entropy

    def seal(self, connection_id: str, field: SecretField, store_hash: str, secret: Secret) -> bytes:
        """Return the envelope's bytes; they open in this connection, field and store only.

        Raises:
            KeysUnavailable: the key-encryption key cannot be reached.
        """
        return seal_envelope(
            secret.reveal().encode(),
            wrap=self.keys.wrap,
            associated_data=associated_data(connection_id=connection_id, field=field, store_hash=store_hash),
            entropy=self.entropy,
        )

    def open(self, connection_id: str, field: SecretField, store_hash: str, envelope: bytes) -> Secret:
        """Return the secret.

        Raises:
            Tampered: the envelope was changed, cut short, or taken from another place; the connection is named.
            WrongKey: it is sealed under a key that the provider does not hold.
            KeysUnavailable: the key-encryption key cannot be reached.
        """
        bound = associated_data(connection_id=connection_id, field=field, store_hash=store_hash)
        try:
            plaintext = open_envelope(envelope, unwrap=self.keys.unwrap, associated_data=bound)
        except (Tampered, WrongKey) as damage:
            raise type(damage)(
                f"The {field.replace('_', ' ')} of the connection {connection_id} does not open.",
                why=damage.explained.why,
                next_step=damage.explained.next_step,
            ) from None
        return Secret(plaintext.decode())
