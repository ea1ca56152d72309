"""Whole jobs, from their first page to what the service stores: retrieval, batch, rotation, revocation."""
