"""What to do on BigCommerce's sign-in pages."""

from __future__ import annotations

from dataclasses import replace

from automation.core.actions import Choose, Command, Do, EnterCode, EnterSignIn, Open, Press, Stop, Wait
from automation.core.errors import (
    CodeNeeded,
    PanelUnreachable,
    PersonNeeded,
    SignInRefused,
    StoreChoiceNeeded,
    UserLocked,
)
from automation.core.extract.addresses import SIGN_IN_ADDRESS, Place, panel_url, place_of
from automation.core.extract.sign_in import (
    Choice,
    CodeForm,
    Lock,
    Picker,
    SignInForm,
    code_form,
    is_picker_page,
    lock_of,
    picker,
    sign_in_form,
)
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress, SubmittedForm
from automation.core.view import View

_STEP = StepId.SIGN_IN
_MOST_SIGN_INS = 3
_MOST_CODES = 2


def start_address(progress: Progress) -> str:
    """Return where a run begins: the named store's control panel, else the sign-in page."""
    store_hash = progress.request.store_hash
    return panel_url(store_hash) if store_hash else SIGN_IN_ADDRESS


def decide_sign_in(progress: Progress, view: View) -> tuple[Progress, Command]:
    """Decide on a page of BigCommerce's sign-in; frames of others in it are not looked at, whatever they ask for."""
    view = view.only(lambda document: place_of(document.url) is Place.SIGN_IN)
    lock = view.read(lock_of)
    if lock is not None:
        return progress, Stop(_locked(lock))
    if view.documents and any(is_picker_page(document) for document in view.documents):
        choice = view.read(picker)
        if choice is not None:
            return _on_picker(progress.toward("choose-store"), view, choice)
    code = view.read(code_form)
    if code is not None:
        return _on_code(progress.toward("code"), view, code)
    form = view.read(sign_in_form)
    if form is not None:
        return _on_form(progress.toward("sign-in"), view, form)
    choice = view.read(picker)
    if choice is not None and not view.busy and progress.still_for(1.0):
        return _on_picker(progress.toward("choose-store"), view, choice)
    progress = progress.toward("after-sign-in")
    if view.busy:  # loading it again would throw away a sign-in that is on its way
        return progress, Stop(_unanswered()) if progress.impatient else Wait(_STEP)
    if progress.stuck(busy=view.busy) and progress.tried("open-start") < 2:
        return progress.trying("open-start"), Do(_STEP, Open(start_address(progress)))
    if progress.impatient:
        return progress, Stop(
            PersonNeeded(
                "BigCommerce's sign-in asks for something that is not known here, as a challenge to prove to be human.",
                why="It is not evaded, and was not tried a second time.",
                next_step="Sign in with `--mode guided`, where a person does it; or sign in by hand once, see what it "
                "asks, and try again.",
                step=_STEP,
            )
        )
    return progress, Wait(_STEP)


def _on_form(progress: Progress, view: View, form: SignInForm) -> tuple[Progress, Command]:
    shown = SubmittedForm(view.tab.pages[0].document, form.password is not None)
    submitted = progress.submitted
    if submitted is not None and not progress.panel_seen:
        if submitted != shown:
            # The two halves of a form that asks for the e-mail address first are not a refusal.
            if submitted.with_password or not shown.with_password:
                return progress, Stop(_refused(form))
        elif form.error is not None and progress.still_for(0.5):
            return progress, Stop(_refused(form))
        elif progress.impatient or (progress.stuck(busy=view.busy) and progress.now - progress.acted_at > 20):
            return progress, Stop(_refused(form))
        else:
            return progress, Wait(_STEP)
    half = "sign-in" if shown.with_password else "sign-in-address"
    if progress.tried(half) >= _MOST_SIGN_INS:
        return progress, Stop(
            SignInRefused(
                "The session ended again and again while the steps were done.",
                next_step="Try again; if it goes on, see whether the store's inactivity limit is very short.",
                step=_STEP,
            )
        )
    if form.submit is None and form.password is None:
        return progress, Wait(_STEP) if not progress.impatient else Stop(_refused(form))
    progress = replace(progress.trying(half), submitted=shown, panel_seen=False)
    return progress, Do(_STEP, EnterSignIn(form.email, form.password, form.submit))


def _on_code(progress: Progress, view: View, form: CodeForm) -> tuple[Progress, Command]:
    document = view.tab.pages[0].document
    if progress.code_document == document:
        if form.error is None or not progress.still_for(0.5):
            if progress.impatient:
                return progress, Stop(_code_refused())
            return progress, Wait(_STEP)
    if progress.tried("code") >= _MOST_CODES:
        return progress, Stop(_code_refused())
    progress = replace(progress.trying("code"), code_document=document)
    return progress, Do(_STEP, EnterCode(form.field, form.submit, form.from_authenticator, form.boxes))


def _on_picker(progress: Progress, view: View, shown: Picker) -> tuple[Progress, Command]:
    choices = tuple(c for c in shown.choices if not _is_placeholder(c))
    wanted = progress.request.store_hash
    choice = _choice(choices, wanted)
    if shown.closed and shown.select is not None and not progress.tried("pick"):
        # What the box shows may be one of several: only the open list tells.
        if progress.tried("open-picker") == 0 or (progress.stuck(busy=view.busy) and progress.tried("open-picker") < 2):
            return progress.trying("open-picker"), Do(_STEP, Press(shown.select, forced=progress.blocked))
        if not progress.stuck(busy=view.busy):
            return progress, Wait(_STEP)
    if choice is None and wanted is not None and progress.tried("open-store") < 2:
        return progress.trying("open-store"), Do(_STEP, Open(panel_url(wanted)))
    if choice is None:
        if not choices and not progress.impatient:
            return progress, Wait(_STEP)
        return progress, Stop(_choice_needed(choices))
    key = f"pick {normal(choice.text)}"
    if not choice.chosen and progress.tried(key) < 3 and (progress.tried(key) == 0 or progress.stuck(busy=view.busy)):
        progress = progress.trying("pick")
        if shown.native and shown.select is not None:
            return progress.trying(key), Do(_STEP, Choose(shown.select, choice.text))
        return progress.trying(key), Do(_STEP, Press(choice.control))
    if shown.proceed is not None and not shown.proceed_disabled:
        if progress.tried("proceed") == 0 or (progress.stuck(busy=view.busy) and progress.tried("proceed") < 4):
            return progress.trying("proceed"), Do(_STEP, Press(shown.proceed))
    if progress.impatient:
        return progress, Stop(_choice_needed(choices))
    return progress, Wait(_STEP)


def _choice(choices: tuple[Choice, ...], wanted: str | None) -> Choice | None:
    if wanted is not None:
        fitting = [c for c in choices if mentions(c.text, (wanted, f"store-{wanted}")) or mentions(c.value, (wanted,))]
        if len(fitting) == 1:
            return fitting[0]
    return choices[0] if len(choices) == 1 else None


def _is_placeholder(choice: Choice) -> bool:
    read = normal(choice.text)
    return not read or (
        not choice.value and (read.startswith(("select", "choose", "please")) or is_one_of(read, ("-", "--", "none")))
    )


def _unanswered() -> PanelUnreachable:
    return PanelUnreachable(
        "BigCommerce's sign-in did not come to an end of loading.",
        next_step="Try again in a few minutes; `--timeout` sets how long a page may take.",
        step=_STEP,
    )


def _refused(form: SignInForm) -> SignInRefused:
    # Six: BigCommerce's Help Center, "Unlocking Your User Account".
    return SignInRefused(
        "BigCommerce refused the sign-in.",
        why=f"It says: “{form.error}”" if form.error else "It shows the sign-in form again.",
        next_step="Check BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD by signing in by hand. "
        "The password was tried once: six refusals lock the user.",
        step=_STEP,
    )


def _code_refused() -> CodeNeeded:
    return CodeNeeded(
        "BigCommerce did not take the one-time code.",
        next_step="Check BIGCOMMERCE_TOTP_SECRET and this computer's clock, or what "
        "COMPANION_VERIFICATION_CODE_COMMAND prints.",
        step=_STEP,
    )


def _locked(lock: Lock) -> UserLocked:
    if lock is Lock.PASSWORD_EXPIRED:
        return UserLocked(
            "BigCommerce wants a new password before it lets this user on.",
            next_step="Sign in by hand, set the new password, and try again.",
            step=_STEP,
        )
    return UserLocked(
        "BigCommerce has locked this user.",
        why="Too many sign-ins were refused.",
        next_step="Use “Resend unlock instructions” on the sign-in page, then try again.",
        step=_STEP,
    )


def _choice_needed(choices: tuple[Choice, ...]) -> StoreChoiceNeeded:
    names = ", ".join(f"“{choice.text[:60]}”" for choice in choices[:10]) or "none that could be read"
    return StoreChoiceNeeded(
        "This user has several stores or accounts, and none was named.",
        why=f"The page offers: {names}.",
        next_step="Name the store with `--store HASH`; the hash is in its control panel's address.",
        step=_STEP,
    )
