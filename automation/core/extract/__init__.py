"""Extractors: pure functions that read one thing each out of a page's snapshot."""
