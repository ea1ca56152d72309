"""A dry run: every step up to Save, and nothing made."""

from __future__ import annotations

from dataclasses import replace

from automation.core.flows.retrieval import StepId
from automation.core.request import RetrievalRequest
from automation.jobs.attempt import RehearsalOver
from automation.jobs.hand_over import WantedConnection
from automation.jobs.reports import Record, RehearsalReport
from automation.jobs.retrieval import retrieve_and_hand_over
from automation.jobs.run_options import RunOptions
from automation.ports import RetrievalService
from automation.runners.loop import StepReport


def rehearse(
    request: RetrievalRequest, wanted: WantedConnection, client: RetrievalService, options: RunOptions
) -> RehearsalReport:
    """Do every step up to Save, and leave the form: nothing is made at BigCommerce, and nothing is stored.

    Raises:
        CompanionError: as `retrieve_and_hand_over`.
    """
    started = options.clock()
    record = Record(options.on_step)
    request = replace(request, dry_run=True)
    try:
        retrieve_and_hand_over(request, wanted, client, replace(options, on_step=record.add))
    except RehearsalOver as over:
        for step in (StepId.SAVE, StepId.READ_CREDENTIALS, StepId.HAND_OVER, StepId.VERIFY):
            record.add(StepReport(step, "skipped", 0.0))
        return RehearsalReport(over.rehearsed, request, record.all_steps(), options.clock() - started, over.dealt_with)
    raise TypeError("a dry run ends with a rehearsal")
