"""The ports: Protocols between the use cases and the outside, a family a file.

Secrets reach a repository already sealed, as the bytes of an envelope; `companion.service.vault.Vault` seals and opens
them. No method returns half-written state: each is one transaction, durable before it returns.
"""
