"""Users, sign-ins, sessions and the clock, as stories on plain objects."""

import pytest

from simulated_store.clock import StoreClock
from simulated_store.people.sign_ins import (
    LONGEST_INACTIVITY,
    WARNING_BEFORE,
    NeedsSso,
    PasswordRefused,
    SignInRefused,
    UserLocked,
)
from simulated_store.people.user import FAILURES_UNTIL_LOCKED
from simulated_store.people.users import UnknownUser
from simulated_store.state import ConflictError, SimulatedBigCommerce

NOW = 1_800_000_000.0


@pytest.fixture
def bigcommerce() -> SimulatedBigCommerce:
    world = SimulatedBigCommerce(seed=7, clock=lambda: NOW)
    world.clock.stop()
    return world


def in_panel(bigcommerce, user=None, store=None):
    user, store = user or bigcommerce.owner, store or bigcommerce.store
    session = bigcommerce.sign_in(user.email, user.password)
    opened = bigcommerce.open_panel(bigcommerce.panel_ticket(session, store.store_hash, "/manage"), store.store_hash)
    assert opened is not None
    return session, opened[0]


def test_a_locked_user_is_refused_until_unlocked(bigcommerce):
    owner = bigcommerce.owner
    bigcommerce.store.users.lock(owner.email.upper())
    with pytest.raises(UserLocked):
        bigcommerce.sign_in(owner.email, owner.password)
    bigcommerce.users.unlock(owner)
    assert bigcommerce.sign_in(owner.email, owner.password).signed_in


def test_unlocking_starts_the_count_again(bigcommerce):
    owner = bigcommerce.owner
    for _ in range(FAILURES_UNTIL_LOCKED):
        with pytest.raises(SignInRefused):
            bigcommerce.sign_in(owner.email, "wrong")
    assert owner.locked
    bigcommerce.users.unlock(owner)
    with pytest.raises(SignInRefused) as refused:
        bigcommerce.sign_in(owner.email, "wrong")
    assert not isinstance(refused.value, UserLocked)


def test_an_expired_password_has_to_be_replaced(bigcommerce):
    owner, old = bigcommerce.owner, bigcommerce.owner.password
    bigcommerce.users.expire_password(owner)
    session = bigcommerce.sign_in(owner.email, old)
    assert not session.signed_in
    for bad in (old, "short1", "onlyletters", "123456789"):
        with pytest.raises(PasswordRefused):
            bigcommerce.sign_ins.choose_password(session, bad)
    bigcommerce.sign_ins.choose_password(session, "a-new-one-2")
    assert session.signed_in
    assert "a-new-one-2" in bigcommerce.canaries()
    with pytest.raises(SignInRefused):
        bigcommerce.sign_in(owner.email, old)
    assert bigcommerce.sign_in(owner.email, "a-new-one-2").signed_in


def test_permissions_are_given_and_taken_one_by_one(bigcommerce):
    staff = bigcommerce.store.users.add("staff@x.example", may_create=False)
    bigcommerce.users.forbid(staff, "delete")
    assert (staff.may_list, staff.may_create, staff.may_delete) == (True, False, False)
    bigcommerce.users.allow("Staff@X.example")
    assert (staff.may_list, staff.may_create, staff.may_delete) == (True, True, True)
    with pytest.raises(ValueError, match="no permission 'rename'"):
        bigcommerce.users.allow(staff, "rename")


def test_a_stores_users_are_its_own(bigcommerce):
    other = bigcommerce.add_store()
    other.users.add("other@x.example")
    assert list(other.users) == ["other@x.example"]
    assert "other@x.example" in bigcommerce.users
    with pytest.raises(UnknownUser):
        bigcommerce.store.users.lock("other@x.example")
    with pytest.raises(UnknownUser):
        bigcommerce.users.lock("nobody@x.example")


def test_a_removed_user_is_signed_out(bigcommerce):
    session, panel = in_panel(bigcommerce, bigcommerce.users.add("staff@x.example"))
    bigcommerce.users.remove("staff@x.example")
    assert bigcommerce.session(session.cookie) is None
    assert bigcommerce.panel_session(panel.cookie, panel.store_hash) is None


def test_a_single_sign_on_user_has_no_password_here(bigcommerce):
    user = bigcommerce.users.add("sso@x.example", sso=True)
    with pytest.raises(NeedsSso):
        bigcommerce.sign_in(user.email, user.password)
    value = bigcommerce.sign_ins.begin_sso("SSO@x.example")
    assert bigcommerce.sign_ins.finish_sso(value).signed_in
    with pytest.raises(SignInRefused):
        bigcommerce.sign_ins.finish_sso(value)
    with pytest.raises(SignInRefused):
        bigcommerce.sign_ins.begin_sso(bigcommerce.owner.email)


@pytest.mark.parametrize("period", [20, 30, 60])
def test_an_authenticator_has_its_own_period(bigcommerce, period):
    owner = bigcommerce.owner
    secret = bigcommerce.users.use_authenticator(owner, period=period)
    assert owner.totp_address == (
        f"otpauth://totp/BigCommerce%3A{owner.email.replace('@', '%40')}?secret={secret}"
        f"&issuer=BigCommerce&period={period}"
    )
    session = bigcommerce.sign_in(owner.email, owner.password, device="laptop")
    code = bigcommerce.users.authenticator_code(owner)
    bigcommerce.clock.forward(3 * period)
    with pytest.raises(SignInRefused):
        bigcommerce.verify_device(session, code, device="laptop")
    bigcommerce.verify_device(session, bigcommerce.users.authenticator_code(owner), device="laptop", remember=False)
    assert not bigcommerce.sign_in(owner.email, owner.password, device="laptop").verified


def test_devices_can_be_forgotten(bigcommerce):
    owner = bigcommerce.owner
    bigcommerce.users.check_devices(owner)
    session = bigcommerce.sign_in(owner.email, owner.password, device="laptop")
    bigcommerce.verify_device(session, bigcommerce.mailbox[-1].code, device="laptop")
    assert bigcommerce.sign_ins.devices_of(owner) == {"laptop"}
    bigcommerce.sign_ins.forget_devices(owner)
    assert not bigcommerce.sign_in(owner.email, owner.password, device="laptop").verified


def test_unlock_instructions_go_to_locked_users_only(bigcommerce):
    bigcommerce.sign_ins.send_unlock_instructions(bigcommerce.owner)
    bigcommerce.sign_ins.send_unlock_instructions("nobody@x.example")
    assert bigcommerce.mailbox == []
    bigcommerce.users.lock(bigcommerce.owner)
    bigcommerce.sign_ins.send_unlock_instructions(bigcommerce.owner.email)
    assert [(mail.to, mail.about) for mail in bigcommerce.mailbox] == [(bigcommerce.owner.email, "unlock-instructions")]


def test_a_session_ends_when_nothing_was_done_for_long(bigcommerce):
    session, panel = in_panel(bigcommerce)
    hash_ = bigcommerce.store.store_hash
    bigcommerce.clock.forward(LONGEST_INACTIVITY - 1)
    assert bigcommerce.panel_session(panel.cookie, hash_) is not None
    bigcommerce.clock.forward(LONGEST_INACTIVITY - 1)
    assert bigcommerce.sign_ins.panel_session(panel.cookie, hash_, active=False) is not None
    bigcommerce.clock.forward(2)
    assert bigcommerce.panel_session(panel.cookie, hash_) is None
    assert bigcommerce.session(session.cookie) is None


def test_a_stores_own_limit_counts_and_the_warning_comes_before(bigcommerce):
    bigcommerce.store.inactivity_limit = 900.0
    _, panel = in_panel(bigcommerce)
    assert bigcommerce.sign_ins.seconds_left(panel) == 900
    bigcommerce.store.almost_expire_sessions()
    assert 0 < bigcommerce.sign_ins.seconds_left(panel) < WARNING_BEFORE
    bigcommerce.panel_session(panel.cookie, panel.store_hash)
    assert bigcommerce.sign_ins.seconds_left(panel) == 900


def test_one_stores_sessions_end_and_anothers_go_on(bigcommerce):
    other = bigcommerce.add_store()
    staff = other.users.add("other@x.example")
    mine, theirs = in_panel(bigcommerce), in_panel(bigcommerce, staff, other)
    bigcommerce.store.expire_sessions()
    assert bigcommerce.session(mine[0].cookie) is None
    assert bigcommerce.panel_session(mine[1].cookie, mine[1].store_hash) is None
    assert bigcommerce.session(theirs[0].cookie) is not None
    assert bigcommerce.panel_session(theirs[1].cookie, other.store_hash) is not None


def test_the_clock_moves_stands_and_goes_back():
    base = [NOW]
    clock = StoreClock(lambda: base[0])
    clock.forward(days=1, hours=2, minutes=3, seconds=4)
    assert clock() == NOW + 93_784
    base[0] += 10
    assert clock() == NOW + 93_794
    clock.set("2027-03-31")
    assert clock.moment().isoformat() == "2027-03-31T00:00:00+00:00"
    clock.stop()
    base[0] += 10
    clock.forward(5)
    assert clock.moment().isoformat() == "2027-03-31T00:00:05+00:00"
    clock.set("2027-04-01T01:00:00+01:00")
    assert clock.moment().isoformat() == "2027-04-01T00:00:00+00:00"
    clock.go_on()
    base[0] += 1
    assert clock.moment().isoformat() == "2027-04-01T00:00:01+00:00"
    clock.reset()
    assert clock() == base[0]
    with pytest.raises(ValueError, match="tomorrow"):
        clock.set("tomorrow")
    for beyond in (1e300, float("nan"), float("inf"), -1e12):
        with pytest.raises(ValueError, match="9999"):
            clock.set(beyond)
        with pytest.raises(ValueError, match="9999"):
            clock.forward(beyond)
    assert clock() == base[0]


def test_reset_sets_the_clock_and_everybodys_sessions_back(bigcommerce):
    in_panel(bigcommerce)
    bigcommerce.users.lock(bigcommerce.owner)
    bigcommerce.clock.forward(days=400)
    bigcommerce.reset()
    assert bigcommerce.now() == NOW
    assert not bigcommerce.clock.stands_still
    assert bigcommerce.panel_sessions == {}
    assert not bigcommerce.owner.locked


def test_no_store_and_no_user_takes_the_place_of_another(bigcommerce):
    store, owner = bigcommerce.store, bigcommerce.owner
    with pytest.raises(ConflictError):
        bigcommerce.add_store(store_hash=store.store_hash)
    with pytest.raises(ConflictError):
        bigcommerce.add_store(subdomain=store.subdomain)
    with pytest.raises(ValueError, match="already"):
        bigcommerce.users.add(owner.email.title())
    for names in ({"store_hash": "store-x"}, {"subdomain": "a.b"}, {"custom_domain": "localhost"}):
        with pytest.raises(ValueError, match="can be no"):
            bigcommerce.add_store(**names)
    assert (list(bigcommerce.stores), list(bigcommerce.users)) == ([store.store_hash], [owner.email])


@pytest.mark.parametrize(
    ("email", "rest", "said"),
    [
        ("", {}, "no e-mail address"),
        ("  ", {}, "no e-mail address"),
        ("nobody", {}, "no e-mail address"),
        ("a b@x.example", {}, "no e-mail address"),
        ("a@x.example\n", {"stores": ["nowhere"]}, "no store 'nowhere'"),
        ("a@" + "x" * 300, {}, "no e-mail address"),
        ("a@x.example", {"password": ""}, "at least one character"),
        ("a@x.example", {"totp_period": 0}, "from 1 to 3600"),
        ("a@x.example", {"totp_period": 99999999}, "from 1 to 3600"),
    ],
)
def test_a_user_who_cannot_be_is_refused(bigcommerce, email, rest, said):
    with pytest.raises(ValueError, match=said):
        bigcommerce.users.add(email, **rest)
    assert len(bigcommerce.users) == 1


def test_an_address_is_taken_without_the_spaces_around_it(bigcommerce):
    assert bigcommerce.users.add(" staff@x.example ").email == "staff@x.example"
    assert bigcommerce.store.users["STAFF@x.example"].stores == [bigcommerce.store.store_hash]


@pytest.mark.parametrize("given", [{"secret": "1!"}, {"secret": ""}, {"period": 0}, {"period": -20}])
def test_an_authenticator_that_cannot_be_is_refused(bigcommerce, given):
    with pytest.raises(ValueError, match="An authenticator's"):
        bigcommerce.users.use_authenticator(bigcommerce.owner, **given)
    assert bigcommerce.owner.totp_secret is None


@pytest.mark.parametrize("seconds", [-1, float("nan"), 99999999])
def test_sessions_cannot_be_brought_to_no_moment(bigcommerce, seconds):
    _, opened = in_panel(bigcommerce)
    with pytest.raises(ValueError, match="from 0 to 7200 seconds"):
        bigcommerce.almost_expire_sessions(seconds)
    assert bigcommerce.sign_ins.seconds_left(opened) == LONGEST_INACTIVITY


def test_a_text_that_is_no_moment_moves_no_clock(bigcommerce):
    with pytest.raises(ValueError, match="'yesterday' is no moment"):
        bigcommerce.clock.set("yesterday")
    assert bigcommerce.now() == NOW
