"""The HTTP surface of the service: thin shells over the use cases."""
