"""REST and GraphQL client for BigCommerce: gives back what came, as plain values, and never raises for it."""

from companion.bigcommerce.client import BigCommerceClient
from companion.bigcommerce.outbound import Outbound

__all__ = ["BigCommerceClient", "Outbound"]
