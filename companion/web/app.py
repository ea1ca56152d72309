"""The Flask application."""

from __future__ import annotations

import functools
import logging
from typing import Any, TextIO

from flask import Request, Response
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.utils import cached_property

from companion import __version__
from companion.core import errors
from companion.core.problem import title_of
from companion.core.secret import Secret
from companion.core.web_sessions import cookie_name
from companion.service.figures import Figures
from companion.service.panel_jobs import PanelJobs
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.service.try_out import TryOut
from companion.troubleshooting import section
from companion.web.answers import answer
from companion.web.any_path import AnyPath
from companion.web.api.blueprint import api_blueprint
from companion.web.api.describing import finish_document
from companion.web.body_limits import MAX_BODY_BYTES
from companion.web.guard import install_guard
from companion.web.logs import install_logs, request_logger
from companion.web.metrics import add_metrics_route
from companion.web.pages import pages_blueprint
from companion.web.pages.failures import failure_page
from companion.web.pages.rendering import install_rendering
from companion.web.plain_flask import PlainFlask
from companion.web.problems import install_problems
from companion.web.public_access import PublicAccess
from companion.web.strict_json import object_from_json

OPENAPI_VERSION = "3.1.0"
_MANY_DIGITS = 16


class StrictRequest(Request):
    """Reads bodies as JSON that means one thing only, and as nothing else."""

    # Flask's own looks it up in the configuration each time.
    max_content_length = MAX_BODY_BYTES

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the JSON object of the body. Silence would turn a refusal into a guess, so it is not kept.

        Raises:
            RequestEntityTooLarge: more than `max_content_length`.
            UnsupportedMediaType: the Content-Type is not application/json, or the body is compressed.
            MalformedRequest, InvalidInput: as `object_from_json`.
        """
        del force, silent
        if self.environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
            raise UnsupportedMediaType
        if self.environ.get("CONTENT_TYPE") != "application/json":  # as nearly everybody writes it
            charset = self.mimetype_params.get("charset", "utf-8").lower()
            if self.mimetype != "application/json" or charset not in {"utf-8", "utf8"}:
                raise UnsupportedMediaType
        return object_from_json(self._body(cache=cache))

    def _body(self, *, cache: bool) -> bytes:
        length = self.content_length
        most = self.max_content_length or 0
        if length is None or length > most:
            sent = self.get_data(cache=cache)
            if length is None and len(sent) >= most:
                raise RequestEntityTooLarge  # sent in chunks, and cut at the limit
            return sent
        # Its length is known, so that the stream needs nobody who watches over it.
        body: bytes = self.environ["wsgi.input"].read(length)
        if len(body) < length:
            raise ClientDisconnected
        if cache:
            self._cached_data = body
        return body

    @cached_property
    def content_length(self) -> int | None:
        """See `Request.content_length`; it is asked for several times."""
        said = self.environ.get("CONTENT_LENGTH", "")
        if len(said) < _MANY_DIGITS and said.isdecimal() and "HTTP_TRANSFER_ENCODING" not in self.environ:
            return int(said)  # as nearly everybody writes it
        return super().content_length


def create_app(
    parts: Parts,
    api_token: Secret,
    retrievals: Retrievals | None = None,
    try_out: TryOut | None = None,
    panel_jobs: PanelJobs | None = None,
    *,
    access: PublicAccess | None = None,
    log_stream: TextIO | None = None,
    log_level: int = logging.INFO,
) -> OpenAPI:
    """Return the application.

    Args:
        access: at which public address it is reached, and how people sign in there; None for this machine alone.
        retrievals, try_out, panel_jobs: those of the web page; None where none can be started.
        log_stream: where the request log goes; standard error if None.
        log_level: INFO logs every request, WARNING those that were not authorized, ERROR those at which we failed.
    """
    app = _bare_app()
    app.request_class = StrictRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = 0
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    app.url_map.merge_slashes = False
    figures = Figures()
    install_logs(app, request_logger(log_stream, level=log_level), figures)
    access = access or PublicAccess()
    install_guard(app, parts, api_token, access)
    install_rendering(app, parts, access)
    install_problems(app, failure_page)
    api = api_blueprint(parts, api_token, retrievals)
    document = functools.cache(lambda: _document(parts, api_token))
    api.add_url_rule("/openapi.json", "openapi", lambda: answer(document()))
    app.register_api(api)
    app.register_blueprint(pages_blueprint(parts, retrievals, try_out, panel_jobs))
    add_metrics_route(app, parts, figures, retrievals)
    app.add_url_rule("/problems/<code>", "problem_page", _problem_page)
    app.check()
    return app


def _bare_app() -> PlainFlask:
    app = PlainFlask(
        __name__,
        info=Info(
            title="BigCommerce Companion",
            version=__version__,
            description="The local service that verifies, encrypts and keeps connections to BigCommerce stores.",
        ),
        security_schemes={
            "bearer": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": cookie_name("PORT")},
        },
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = OPENAPI_VERSION
    app.url_map.converters["path"] = AnyPath
    return app


def _document(parts: Parts, api_token: Secret) -> dict[str, Any]:
    """Describe the API, when it is first asked for: that takes longer than all else of the start of a service."""
    app = _bare_app()
    app.register_api(api_blueprint(parts, api_token, described=True))
    document: dict[str, Any] = app.api_doc
    finish_document(document)
    return document


_KINDS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.CompanionError)]


def _problem_page(code: str) -> Response:
    """Say of a kind of problem what the troubleshooting page says; what its `type` leads to."""
    text = section(code)
    if text is None:
        raise errors.NotFound(
            "There is no such kind of problem.", next_step="The service's answers name theirs in `type`."
        )
    kind = next((each for each in _KINDS if each.code == code), None)
    facts = "" if kind is None else f"\nStatus {kind.http_status}, exit code {kind.exit_code}.\n"
    return Response(f"{title_of(code)}\n\n{text}\n{facts}", content_type="text/plain; charset=utf-8")
