"""What to do on BigCommerce's sign-in pages."""

from __future__ import annotations

import re
from dataclasses import replace

from automation.core.actions import Choose, Command, Do, EnterCode, EnterSignIn, Open, Press, Stop, Wait
from automation.core.errors import (
    CodeNeeded,
    PanelUnreachable,
    PasswordExpired,
    PersonNeeded,
    SignInRefused,
    SignInUnanswered,
    StoreChoiceNeeded,
    UserLocked,
)
from automation.core.extract import messages
from automation.core.extract.addresses import DEEP_LINK, SIGN_IN_ADDRESS, Place, panel_url, place_of
from automation.core.extract.sign_in import (
    Choice,
    CodeForm,
    Lock,
    Picker,
    SignInForm,
    challenge_of,
    code_form,
    is_picker_page,
    lock_of,
    offers_single_sign_on,
    picker,
    sign_in_form,
    single_sign_on,
)
from automation.core.extract.wording import is_one_of, mentions, normal
from automation.core.flows.retrieval import StepId
from automation.core.progress import Progress, SubmittedForm
from automation.core.view import View

_STEP = StepId.SIGN_IN
_MOST_SIGN_INS = 3
_MOST_CODES = 2
_PASSES_BY_ITSELF = 8.0  # seconds
# Chromium's names, net/base/net_error_list.h, of what keeps a request from leaving at all.
_NEVER_SENT = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_NAME_NOT_RESOLVED", "net::ERR_ADDRESS_UNREACHABLE")


def start_address(progress: Progress) -> str:
    """Return where a run begins: the named store's control panel, else the sign-in page."""
    store_hash = progress.request.store_hash
    return panel_url(store_hash) if store_hash else SIGN_IN_ADDRESS


def panel_address_to_try(progress: Progress) -> str:
    """Return what opens the control panel where there is a session, and the sign-in form where there is none."""
    store_hash = progress.store_hash or progress.request.store_hash
    return panel_url(store_hash) if store_hash else DEEP_LINK


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
        progress = replace(progress, unanswered=None)  # a code is asked for once the password was taken
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


def challenged(progress: Progress, view: View) -> Command | None:
    """Return what to do about a page of BigCommerce's that only asks for a human; None on any other.

    Some let a browser through by themselves after a while, so they are given it.
    """
    if view.tab.failure is not None or place_of(view.tab.url) not in {Place.SIGN_IN, Place.PANEL}:
        return None
    tops = view.documents[:1]
    said = challenge_of(tops[0]) if tops else None
    if said is None:
        return None
    if not progress.still_for(_PASSES_BY_ITSELF) and not progress.impatient:
        return Wait(_STEP)
    return Stop(
        PersonNeeded(
            "BigCommerce asks for a human.",
            why=f"Its page says: “{said}” That is not evaded, and nothing was tried a second time.",
            next_step="Use `--mode guided`, where a person answers it in the browser window and the rest goes on.",
            step=_STEP,
        )
    )


def sign_in_unanswered(progress: Progress, view: View) -> Progress:
    """Return what is known once the page did not load that was to answer the sign-in form, if one was submitted."""
    submitted = progress.submitted
    if submitted is None or progress.panel_seen or progress.unanswered is not None:
        return progress
    failure, status = view.tab.failure, view.tab.status
    never_sent = (failure or "").startswith(_NEVER_SENT) and place_of(view.tab.url) is Place.SIGN_IN
    if never_sent or not submitted.with_password:
        return replace(progress, submitted=None)  # an address alone, too, may be entered again
    return replace(progress, unanswered=f"The browser says {failure}." if failure else f"The answer was {status}.")


def _on_refusal(progress: Progress, view: View, form: SignInForm) -> tuple[Progress, Command]:
    """Decide where the form is shown again; what the server failed to answer is no refusal, and not sent again."""
    if progress.unanswered is None and form.error is not None and messages.is_fault(form.error):
        # Whether it signed in all the same shows once the panel is opened.
        progress = replace(progress.trying("open-start"), unanswered=f"It says: “{form.error}”")
        return progress, Do(_STEP, Open(panel_address_to_try(progress)))
    if progress.unanswered is not None and (form.error is None or messages.is_fault(form.error)):
        return progress, Stop(_not_answered(progress.unanswered))
    said = view.read(single_sign_on)
    if said is not None and form.error in {None, said}:
        return progress, Stop(_identity_provider(said))
    return progress, Stop(_refused(form, offers_sso=any(offers_single_sign_on(d) for d in view.documents)))


def _on_form(progress: Progress, view: View, form: SignInForm) -> tuple[Progress, Command]:
    shown = SubmittedForm(view.tab.pages[0].document, form.password is not None, view.tab.sent)
    submitted = progress.submitted
    if submitted is not None and not progress.panel_seen:
        if submitted != shown:
            # The two halves of a form that asks for the e-mail address first are not a refusal.
            if submitted.with_password or not shown.with_password:
                no_answer = None if form.error is not None else _why_no_answer(progress, submitted, shown)
                if no_answer is None or progress.tried(no_answer):
                    return _on_refusal(progress, view, form)
                progress = progress.trying(no_answer)
        elif form.error is not None and progress.still_for(0.5):
            return _on_refusal(progress, view, form)
        elif progress.impatient or (progress.stuck(busy=view.busy) and progress.now - progress.acted_at > 20):
            return _on_refusal(progress, view, form)
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
        if not progress.impatient:
            return progress, Wait(_STEP)
        return _on_refusal(progress, view, form)
    progress = replace(progress.trying(half), submitted=shown, unanswered=None, panel_seen=False, panel_passed=False)
    return progress, Do(_STEP, EnterSignIn(form.email, form.password, form.submit))


def _why_no_answer(progress: Progress, submitted: SubmittedForm, shown: SubmittedForm) -> str | None:
    """Return what brought the form back where that was no answer to what was entered in it; None where it was one."""
    if progress.panel_passed:
        return "signed out at once"  # signed in, and out again before the control panel was looked at
    return "loaded anew" if shown.sent == submitted.sent else None  # what was entered went nowhere


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
    if choice is None and wanted is not None and choices and all(map(_tells_its_store, choices)):
        return progress, Stop(_choice_needed(choices, wanted))
    if choice is None and wanted is not None and progress.tried("open-store") < 2:
        return progress.trying("open-store"), Do(_STEP, Open(panel_url(wanted)))
    if choice is None:
        if not choices and not progress.impatient:
            return progress, Wait(_STEP)
        return progress, Stop(_choice_needed(choices, wanted))
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
        return progress, Stop(_choice_needed(choices, wanted))
    return progress, Wait(_STEP)


def _choice(choices: tuple[Choice, ...], wanted: str | None) -> Choice | None:
    if wanted is not None:
        fitting = [c for c in choices if mentions(c.text, (wanted, f"store-{wanted}")) or mentions(c.value, (wanted,))]
        if len(fitting) == 1:
            return fitting[0]
        if any(map(_tells_its_store, choices)):
            return None  # a lone one, too, may be another store
    return choices[0] if len(choices) == 1 else None


def _tells_its_store(choice: Choice) -> bool:
    """Whether a choice bears a store's hash in full, as its control panel's address does."""
    return re.search(r"\bstore-[a-z0-9]{4,}\b", f"{choice.text} {choice.value}".lower()) is not None


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


def _refused(form: SignInForm, *, offers_sso: bool) -> SignInRefused:
    # Six: BigCommerce's Help Center, "Unlocking Your User Account".
    sso = " A user of “Log in with SSO” signs in by hand, with `--mode guided`." if offers_sso else ""
    return SignInRefused(
        "BigCommerce refused the sign-in.",
        why=f"It says: “{form.error}”" if form.error else "It shows the sign-in form again.",
        next_step="Check BIGCOMMERCE_EMAIL and BIGCOMMERCE_PASSWORD by signing in by hand. "
        f"The password was tried once: six refusals lock the user.{sso}",
        step=_STEP,
    )


def _identity_provider(said: str) -> PersonNeeded:
    return PersonNeeded(
        "BigCommerce wants this user to sign in through an identity provider.",
        why=f"It says: “{said}”",
        next_step="Use `--mode guided`: press “Log in with SSO”, and sign in at the identity provider; or take a user "
        "who signs in with e-mail address and password.",
        step=_STEP,
    )


def _not_answered(why: str) -> SignInUnanswered:
    return SignInUnanswered(
        "BigCommerce did not answer the sign-in.",
        why=f"{why} The password was sent once and not again, and opening the page anew did not show a session.",
        next_step="Try again in a few minutes.",
        step=_STEP,
    )


def _code_refused() -> CodeNeeded:
    return CodeNeeded(
        "BigCommerce did not take the one-time code.",
        next_step="At the browser, enter the next code. For an unattended run, check BIGCOMMERCE_TOTP_SECRET and this "
        "computer's clock, or what COMPANION_VERIFICATION_CODE_COMMAND prints.",
        step=_STEP,
    )


def _locked(lock: Lock) -> UserLocked:
    if lock is Lock.PASSWORD_EXPIRED:
        return PasswordExpired(
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


def _choice_needed(choices: tuple[Choice, ...], wanted: str | None) -> StoreChoiceNeeded:
    names = ", ".join(f"“{choice.text[:60]}”" for choice in choices[:10]) or "none that could be read"
    if wanted is not None:
        return StoreChoiceNeeded(
            f"The store {wanted} is not known to be one of this user's.",
            why=f"The page offers: {names}.",
            next_step="Check the hash, which is in the control panel's address, "
            "https://store-HASH.mybigcommerce.com/manage; or sign in as a user of that store.",
            step=_STEP,
        )
    return StoreChoiceNeeded(
        "This user has several stores or accounts, and none was named.",
        why=f"The page offers: {names}.",
        next_step="Name the store with `--store HASH`; the hash is in its control panel's address.",
        step=_STEP,
    )
