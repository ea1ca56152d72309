"""What to do after Save: read the credentials from two witnesses, and never press Save twice."""

from __future__ import annotations

from dataclasses import replace

from automation.core.actions import Command, Do, Done, Press, Removal, Stop, Wait
from automation.core.errors import AutomationError, CredentialsLost, PanelRefused, WitnessesDisagree
from automation.core.extract import messages
from automation.core.extract.addresses import Place, is_bigcommerces, place_of
from automation.core.extract.credentials_window import (
    CredentialsWindow,
    credentials_window,
    reveal_token,
    window_of_file,
)
from automation.core.extract.element import Control
from automation.core.extract.messages import is_error
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress
from automation.core.request import Captured
from automation.core.snapshot import Observation
from automation.core.view import View
from companion.core.connection import Finding, Severity
from companion.core.credentials_file import CredentialsFile, credentials_from_text
from companion.core.errors import InvalidInput
from companion.core.redaction import redacted

_STEP = StepId.READ_CREDENTIALS
# How long one witness waits for the other. The file comes at about the same moment as the window, if at all.
_FILE_SECONDS = 6.0
_WINDOW_SECONDS = 20.0

ONE_WITNESS_OF_HASH = Finding(
    "one-witness",
    "The store hash was read in one place only: the address bar.",
    "Nothing needs to be done if the connection proves to work.",
    Severity.NOTE,
)
ONE_WITNESS = Finding(
    "one-witness",
    "The credentials were read in one place only: {seen}, but {missing}.",
    "Nothing needs to be done if the connection proves to work.",
    Severity.NOTE,
)


def decide_after_save(progress: Progress, observation: Observation, view: View | None) -> tuple[Progress, Command]:
    """Decide until the credentials are captured, or are known to be lost."""
    if view is not None:
        view = view.only(lambda document: is_bigcommerces(document.url))
    progress = _witnesses(progress, observation, view)
    if progress.window is not None or progress.file is not None:
        progress = progress.over(StepId.SAVE)
    disagreement = _disagreement(progress)
    if disagreement is not None:
        return progress, Stop(disagreement)
    hidden = view.read(reveal_token) if view is not None and progress.window is None else None
    if hidden is not None and view is not None and progress.tried("reveal") < 2 and progress.still_for(0.3):
        return progress.trying("reveal"), Do(_STEP, Press(hidden, view.tab.number))
    saved_at = progress.save_pressed_at or 0.0
    if progress.window is not None and progress.file is not None:
        return _finish(progress, view)
    if progress.window is not None and progress.now - (progress.window_at or 0.0) >= _FILE_SECONDS:
        return _finish(_one_witness(progress, "the window", "no file was downloaded"), view)
    asked_at = max(saved_at, progress.awaited_at if progress.now - saved_at < progress.request.patience else 0.0)
    if progress.file is not None and progress.now - asked_at >= min(_WINDOW_SECONDS, progress.request.patience):
        return _finish(_one_witness(progress, "the downloaded file", "no window appeared"), view)
    if progress.window is None and progress.file is None:
        if view is None:
            return progress, Stop(_lost("The browser window was closed."))
        if progress.blocked:
            # The click did not reach the button: nothing was sent, so Save may be pressed again, a few times.
            return replace(progress, save_pressed_at=None), Wait(StepId.SAVE)
        confirm = save_question(view) if progress.still_for(0.3) else None
        if confirm is not None and progress.tried("confirm save") < 2:
            return progress.trying("confirm save"), Do(StepId.SAVE, Press(confirm, view.tab.number))
        refusal = _asked_again(progress, view) or _refusal(progress, view, progress.notices)
        if refusal is not None:
            return progress, Stop(refusal)
        if place_of(view.tab.url) is Place.SIGN_IN and progress.still_for(1.0):
            return progress, Stop(_lost("The session ended just after Save."))
        if progress.now - saved_at > progress.request.patience or (
            not view.busy and _quiet_for(progress, min(15.0, progress.request.patience / 2))
        ):
            return progress, Stop(_lost(_what_appeared(view)))
    return progress, Wait(StepId.SAVE if progress.window is None else _STEP)


def _witnesses(progress: Progress, observation: Observation, view: View | None) -> Progress:
    if progress.file is None:
        for download in observation.downloads:
            file = _read_file(download.text)
            if file is not None:
                progress = replace(progress, file=file)
    window = _window(progress, view) if view is not None else None
    if window is not None and window != progress.window:
        first_seen = progress.window_at if progress.window_at is not None else progress.now
        progress = replace(progress, window=window, window_at=first_seen)
    return progress


def _window(progress: Progress, view: View) -> CredentialsWindow | None:
    window = view.read(credentials_window)
    file = progress.file
    if window is None and file is not None and progress.window is None:
        return view.read(lambda document: window_of_file(document, file))
    return window


def _read_file(text: str) -> CredentialsFile | None:
    try:
        return credentials_from_text(text)
    except InvalidInput:
        return None  # some other text file; the window alone is then one witness


def _disagreement(progress: Progress) -> WitnessesDisagree | None:
    window, file = progress.window, progress.file
    hashes = {progress.store_hash, window.store_hash if window else None, file.store_hash if file else None} - {None}
    what: str | None = None
    if len(hashes) > 1:
        what = "The store hash"
    elif file is not None and file.name is not None and not _same_name(file.name, progress.request.api_account_name):
        what = "The name of the API account"
    elif window is not None and file is not None:
        what = _different_field(window, file)
    if what is None:
        return None
    return WitnessesDisagree(
        f"{what} reads differently in the credentials window, the downloaded file, or the address bar.",
        why="One of them belongs to another API account or store; none is trusted and nothing was stored.",
        next_step="Try again; close other control panels of this user first.",
        step=_STEP,
    )


def _different_field(window: CredentialsWindow, file: CredentialsFile) -> str | None:
    if window.access_token != file.access_token:
        return "The access token"
    if window.client_id and file.client_id and window.client_id != file.client_id:
        return "The client ID"
    if window.client_secret and file.client_secret and window.client_secret != file.client_secret:
        return "The client secret"
    return None


def _same_name(left: str, right: str) -> bool:
    return " ".join(left.split()) == " ".join(right.split())


def _one_witness(progress: Progress, seen: str, missing: str) -> Progress:
    message = ONE_WITNESS.message.format(seen=seen, missing=missing)
    return progress.with_finding(replace(ONE_WITNESS, message=message))


def _finish(progress: Progress, view: View | None) -> tuple[Progress, Command]:
    window, file = progress.window, progress.file
    witness, store_hash = window or file, progress.store_hash
    if witness is None or store_hash is None:
        return progress, Stop(_lost("Nothing that was shown could be read."))
    done = window.done if window else None
    if done is not None and view is not None and progress.tried("done") == 0:
        return progress.trying("done"), Do(_STEP, Press(done, view.tab.number), look=False)
    if not progress.store_hash_confirmed and not any(each and each.store_hash for each in (window, file)):
        progress = progress.with_finding(ONE_WITNESS_OF_HASH)
    client_id = (window.client_id if window else None) or (file.client_id if file else None)
    progress = progress.over(_STEP)
    storefront = progress.storefront
    return progress, Done(
        Captured(
            store_hash=store_hash,
            subdomain=storefront.subdomain if storefront else None,
            storefront_host=storefront.host if storefront else None,
            channel_id=progress.request.channel_id,
            access_token=witness.access_token,
            client_id=client_id,
            api_account_name=progress.request.api_account_name,
            oauth_scopes=progress.oauth_scopes,
            findings=progress.findings,
        )
    )


def _refusal(progress: Progress, view: View, notices: tuple[str, ...]) -> AutomationError | None:
    errors = (*(text for text in notices if is_error(text)), *view.refusals(progress.standing))
    if not errors or not progress.at_rest(busy=view.busy):
        return None
    return PanelRefused(
        "The control panel did not save the API account.",
        why=f"It says: “{errors[0]}”",
        next_step="Mend what it names, and try again.",
        step=StepId.SAVE,
    )


def _asked_again(progress: Progress, view: View) -> AutomationError | None:
    if place_of(view.tab.url) is not Place.PANEL or not progress.at_rest(busy=view.busy):
        return None
    if not any(messages.asks_for_password(document) for document in view.documents):
        return None
    return PanelRefused(
        "The control panel asks for the password or a code once more before it saves.",
        why="It is entered at the sign-in alone, never in a window of the control panel.",
        next_step="Use `--mode guided`, where a person answers it in the browser window and the rest goes on.",
        step=StepId.SAVE,
    )


def after_clean_up(failure: AutomationError, outcome: Removal) -> AutomationError:
    """Return what is to be said of a refused Save, once the list has told whether the account exists all the same.

    Args:
        outcome: what became of the account that bears our whole name.
    """
    if not isinstance(failure, PanelRefused) or failure.step != StepId.SAVE or outcome is Removal.NEVER_THERE:
        return failure
    said = failure.explained.why
    if outcome is Removal.DELETED:
        return CredentialsLost(
            "“Save” was answered with an error, although the API account was made.",
            why=f"{said} No credentials were shown, so the account was deleted again.",
            next_step="Try again in a few minutes.",
            step=_STEP,
        )
    return CredentialsLost(
        "“Save” was answered with an error, and the API account may exist all the same.",
        why=f"{said} It could not be found and deleted in the list of API accounts.",
        next_step="Look in the list for the API account that is named here, and delete it; then mend what the message "
        "names, and try again.",
        step=StepId.SAVE,
    )


def save_question(view: View) -> Control | None:
    """Return what answers yes to the question whether the account is to be made; None where none is asked."""
    return view.read(messages.confirmation)


def _quiet_for(progress: Progress, seconds: float) -> bool:
    """Whether nothing changed and nothing was under way for this long: an answer is drawn after it has come."""
    return progress.still_for(seconds) and progress.now - progress.awaited_at >= seconds


def _what_appeared(view: View) -> str:
    for document in view.documents:
        for dialog in messages.dialogs(document):
            heading = next((e.text for e in dialog.descendants() if e.role == "heading" and e.shown), "")
            named = f"“{redacted(heading, longest=80)}” " if heading else ""
            return f"A window {named}appeared in which no access token could be found by its label."
    return "The window with the credentials did not appear."


def _lost(why: str) -> CredentialsLost:
    return CredentialsLost(
        "“Save” was pressed, but the credentials were not shown.",
        why=why,
        next_step="Try again; BigCommerce shows credentials once, so an account without them is of no use.",
        step=_STEP,
    )
