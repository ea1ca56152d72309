"""`/metrics`: what there is to watch, for Prometheus; no secret, and nothing of a single store.

The counts are made without the library, which is only loaded once somebody asks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from flask import Flask, Response

from companion import __version__
from companion.core.connection import Status
from companion.core.errors import CompanionError
from companion.ports.audit import AuditFilter
from companion.service.figures import BUCKETS, Figures
from companion.service.locking import is_locked
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals

if TYPE_CHECKING:
    from prometheus_client import Metric

ENDPOINT = "metrics"


def add_metrics_route(app: Flask, parts: Parts, figures: Figures, retrievals: Retrievals | None) -> None:
    """Add the route; who may ask is the guard's to say.

    Args:
        retrievals: None where none can be started.
    """

    @app.get("/metrics", endpoint=ENDPOINT)
    def metrics() -> Response:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
        from prometheus_client.process_collector import ProcessCollector

        registry = CollectorRegistry()
        ProcessCollector(namespace="companion", registry=registry)
        registry.register(_Collector(parts, figures, retrievals))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Collector:
    """Reads the figures when they are asked for."""

    def __init__(self, parts: Parts, figures: Figures, retrievals: Retrievals | None) -> None:
        self._parts = parts
        self._figures = figures
        self._retrievals = retrievals

    def describe(self) -> list[Metric]:
        """Let the registry not ask for all of them when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        parts = self._parts
        yield InfoMetricFamily(
            "companion_service", "What runs here.", {"version": __version__, "world": parts.world.value}
        )
        yield GaugeMetricFamily("companion_locked", "1 while the keys are locked.", value=float(is_locked(parts)))
        yield from self._requests()
        yield GaugeMetricFamily(
            "companion_uses_waiting", "Uses of secrets that are still to be recorded.", value=parts.noted.waiting()
        )
        if self._retrievals is not None:
            running = sum(not each.state.is_over for each in self._retrievals.all())
            yield GaugeMetricFamily(
                "companion_retrievals_running", "Retrievals of the web page under way.", value=running
            )
        yield from self._stored()

    def _requests(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        counted = CounterMetricFamily(
            "companion_requests", "Requests that were answered.", labels=("method", "route", "status")
        )
        for (method, route, status), count in sorted(self._figures.requests().items()):
            counted.add_metric((method, route, str(status)), count)
        yield counted
        took = HistogramMetricFamily("companion_request_seconds", "How long requests took.", labels=("route",))
        ends = (*map(str, BUCKETS), "+Inf")
        for route, durations in sorted(self._figures.durations().items()):
            took.add_metric((route,), list(zip(ends, accumulate(durations.counts), strict=True)), durations.seconds)
        yield took

    def _stored(self) -> Iterator[Metric]:
        """Ask the database; where it does not answer, that is what is told of it."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        began = time.perf_counter()
        try:
            overview = self._parts.repository.overview()
            entries = self._parts.repository.audit_page(AuditFilter(), limit=1, before=None).entries
        except CompanionError:
            yield GaugeMetricFamily("companion_database_up", "1 where the database answered.", value=0)
            return
        seconds = time.perf_counter() - began
        yield GaugeMetricFamily("companion_database_up", "1 where the database answered.", value=1)
        yield GaugeMetricFamily(
            "companion_database_seconds", "How long the database took for the figures below.", value=seconds
        )
        connections = GaugeMetricFamily("companion_connections", "Connections.", labels=("status",))
        for status in Status:
            connections.add_metric((status.value,), overview.by_status.get(status, 0))
        yield connections
        yield GaugeMetricFamily(
            "companion_connections_auth_type_token",
            "Connections that stop working on servers by 2027-03-31.",
            value=overview.with_auth_type_token,
        )
        yield CounterMetricFamily(
            "companion_audit_entries", "Entries of the audit record.", value=entries[0].number if entries else 0
        )
