"""How many requests are answered at once."""

from __future__ import annotations

THREADS = 10
"""Of one server. Streams of events take at most a quarter of them."""
