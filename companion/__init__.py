"""The local service that verifies, encrypts and keeps connections to BigCommerce stores."""

__version__ = "0.1.0"
