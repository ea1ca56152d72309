"""The web page: a blueprint a screen, each within the one called `pages`, by which the guard knows them.

A screen's views are for a session alone, and for opened keys, unless the guard says otherwise of its blueprint.
"""

from __future__ import annotations

from flask import Blueprint

from companion.service.panel_jobs import PanelJobs
from companion.service.parts import Parts
from companion.service.retrievals import Retrievals
from companion.service.try_out import TryOut
from companion.web.pages.assets import assets_blueprint
from companion.web.pages.connection import connection_blueprint
from companion.web.pages.connections import connections_blueprint
from companion.web.pages.create import create_blueprint
from companion.web.pages.deleting import deleting_blueprint
from companion.web.pages.edit import edit_blueprint
from companion.web.pages.graphql_box import graphql_blueprint
from companion.web.pages.hand_on import hand_on_blueprint
from companion.web.pages.keys import keys_blueprint
from companion.web.pages.panel_work import panel_work_blueprint
from companion.web.pages.reauthorize import reauthorize_blueprint
from companion.web.pages.record import record_blueprint
from companion.web.pages.retrieval import retrieval_blueprint
from companion.web.pages.sign_in import sign_in_blueprint
from companion.web.pages.tools import tools_blueprint
from companion.web.pages.try_out import try_out_blueprint
from companion.web.pages.unlocking import unlocking_blueprint


def pages_blueprint(
    parts: Parts,
    retrievals: Retrievals | None = None,
    try_out: TryOut | None = None,
    panel_jobs: PanelJobs | None = None,
) -> Blueprint:
    """Return the routes of the web page.

    Args:
        retrievals, try_out, panel_jobs: None where none can be started.
    """
    pages = Blueprint("pages", __name__)
    for screen in (
        assets_blueprint(),
        sign_in_blueprint(parts),
        connections_blueprint(parts, try_out),
        try_out_blueprint(try_out),
        create_blueprint(parts),
        connection_blueprint(parts),
        graphql_blueprint(parts),
        edit_blueprint(parts),
        reauthorize_blueprint(parts),
        hand_on_blueprint(parts, panel_jobs),
        deleting_blueprint(parts, panel_jobs),
        panel_work_blueprint(parts, panel_jobs),
        keys_blueprint(parts),
        tools_blueprint(parts),
        record_blueprint(parts),
        unlocking_blueprint(parts),
        retrieval_blueprint(parts, retrievals),
    ):
        pages.register_blueprint(screen)
    return pages
