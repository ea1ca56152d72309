"""Flask without what is not used here, which it would look for with every request."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface, SessionMixin
from flask_openapi.openapi import OpenAPI
from werkzeug.routing import MapAdapter


class PlainFlask(OpenAPI):
    """No view is asynchronous, no blueprint has functions of its own around its views, and Flask keeps no sessions.

    Raises:
        ValueError: `check` found a blueprint that has such functions: they would not be called.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        """Take what `OpenAPI` takes."""
        super().__init__(*given, **options)
        self.session_interface = _NoSessions()

    def check(self) -> None:
        """Look, when all is registered, whether it is so."""
        for functions in (
            self.before_request_funcs,
            self.after_request_funcs,
            self.teardown_request_funcs,
            self.url_value_preprocessors,
        ):
            if set(functions) - {None} or (functions is self.url_value_preprocessors and functions):
                raise ValueError("functions around views belong to the application: no blueprint's own are called")

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return it as it is."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """See `Flask.create_url_adapter`: whatever the host, an address leads to the same view."""
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        path = environ.get("PATH_INFO", "")
        if not path or not path.isascii() or "HTTP_UPGRADE" in environ:
            return super().create_url_adapter(request)
        return MapAdapter(
            self.url_map,
            environ.get("HTTP_HOST", ""),
            environ.get("SCRIPT_NAME", ""),
            self.url_map.default_subdomain,
            environ["wsgi.url_scheme"],
            path,
            environ["REQUEST_METHOD"],
            environ.get("QUERY_STRING", ""),
        )

    def preprocess_request(self) -> Any:
        """See `Flask.preprocess_request`."""
        for function in self.before_request_funcs.get(None, ()):
            answer = function()
            if answer is not None:
                return answer
        return None

    def process_response(self, response: Response) -> Response:
        """See `Flask.process_response`."""
        for function in reversed(self.after_request_funcs.get(None, ())):
            response = function(response)
        return response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """See `Flask.do_teardown_request`."""
        failure = exc or sys.exc_info()[1]
        for function in reversed(self.teardown_request_funcs.get(None, ())):
            function(failure)


class _NoSessions(SessionInterface):
    """Those of the web page are the guard's."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """Return nothing that could be written to."""
        del app, request
        return _NO_SESSION

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Do nothing."""


_NO_SESSION = NullSession()
