import pytest

from simulated_store.options.near_names import UnknownName
from simulated_store.people.user import FAILURES_UNTIL_LOCKED
from simulated_store.state import (
    ConflictError,
    LimitReached,
    NameTooShort,
    SignInRefused,
    SimulatedBigCommerce,
    UnknownApiAccount,
    UserLocked,
)

SCOPES = frozenset({"store_storefront_api"})


@pytest.fixture
def bigcommerce() -> SimulatedBigCommerce:
    return SimulatedBigCommerce(seed=7)


def test_the_same_seed_gives_the_same_store_and_secrets(bigcommerce):
    again = SimulatedBigCommerce(seed=7)
    assert again.store.store_hash == bigcommerce.store.store_hash
    assert again.canaries() == bigcommerce.canaries()


def test_without_a_seed_two_stores_have_nothing_secret_in_common():
    assert not set(SimulatedBigCommerce().canaries()) & set(SimulatedBigCommerce().canaries())


def test_reset_forgets_accounts_and_sessions_and_keeps_the_names(bigcommerce):
    store_hash, password = bigcommerce.store.store_hash, bigcommerce.owner.password
    account = bigcommerce.store.create_api_account("ERP connection", SCOPES)
    session = bigcommerce.sign_in(bigcommerce.owner.email, password)
    bigcommerce.reset()
    assert bigcommerce.store.store_hash == store_hash
    assert bigcommerce.owner.password == password
    assert bigcommerce.store.api_accounts == []
    assert bigcommerce.session(session.cookie) is None
    assert bigcommerce.account_by_access_token(account.access_token) is None


def test_a_store_is_found_by_each_of_its_host_names(bigcommerce):
    store = bigcommerce.add_store(subdomain="celigo", store_hash="ci4bzn8adz", custom_domain="shop.example")
    other = store.add_channel("Wholesale", custom_domain="wholesale.example")
    for host, channel_id in {
        "celigo.mybigcommerce.com": 1,
        "store-ci4bzn8adz.mybigcommerce.com": 1,
        "store-ci4bzn8adz-1.mybigcommerce.com": 1,
        "shop.example": 1,
        f"store-ci4bzn8adz-{other.channel_id}.mybigcommerce.com": other.channel_id,
        "wholesale.example": other.channel_id,
        "STORE-ci4bzn8adz.MyBigCommerce.com.:8443": 1,
    }.items():
        assert bigcommerce.store_by_host(host) == (store, channel_id), host


@pytest.mark.parametrize(
    "host",
    [
        "mybigcommerce.com",
        "store-nobody.mybigcommerce.com",
        "store-ci4bzn8adz-2.mybigcommerce.com",
        "celigo.example",
        "",
    ],
)
def test_no_store_is_found_by_another_name(bigcommerce, host):
    bigcommerce.add_store(subdomain="celigo", store_hash="ci4bzn8adz")
    assert bigcommerce.store_by_host(host) is None


def test_a_channel_without_a_site_has_no_host(bigcommerce):
    channel = bigcommerce.store.add_channel("Marketplace", with_site=False)
    host = f"store-{bigcommerce.store.store_hash}-{channel.channel_id}.mybigcommerce.com"
    assert bigcommerce.store_by_host(host) is None


def test_an_api_account_has_the_observed_shapes(bigcommerce):
    account = bigcommerce.store.create_api_account("ERP connection", SCOPES)
    alphanumerics = set("abcdefghijklmnopqrstuvwxyz0123456789")
    assert len(account.access_token) == len(account.client_id) == 31
    assert set(account.access_token + account.client_id) <= alphanumerics
    assert len(account.client_secret) == 64
    assert set(account.client_secret) <= set("0123456789abcdef")


def test_an_access_token_is_known_until_its_account_is_deleted(bigcommerce):
    store = bigcommerce.store
    account = store.create_api_account("ERP connection", SCOPES)
    assert bigcommerce.account_by_access_token(account.access_token) == (store, account)
    store.delete_api_account(account.client_id)
    assert bigcommerce.account_by_access_token(account.access_token) is None
    with pytest.raises(UnknownApiAccount):
        store.delete_api_account(account.client_id)


def test_a_deleted_accounts_number_is_not_given_to_the_next(bigcommerce):
    store = bigcommerce.store
    first = store.create_api_account("ERP connection", SCOPES)
    store.delete_api_account(first.client_id)
    assert store.create_api_account("ERP connection", SCOPES).number != first.number


@pytest.mark.parametrize("name", ["", "ERP", " ERP "])
def test_a_name_below_four_characters_is_refused(bigcommerce, name):
    with pytest.raises(NameTooShort):
        bigcommerce.store.create_api_account(name, SCOPES)


def test_a_taken_name_is_refused(bigcommerce):
    bigcommerce.store.create_api_account("ERP connection", SCOPES)
    with pytest.raises(ConflictError):
        bigcommerce.store.create_api_account("ERP connection ", SCOPES)


def test_the_fifty_first_account_is_refused(bigcommerce):
    for number in range(50):
        bigcommerce.store.create_api_account(f"Account {number}", SCOPES)
    with pytest.raises(LimitReached):
        bigcommerce.store.create_api_account("Account 51", SCOPES)


def test_every_secret_shown_or_issued_is_among_the_canaries(bigcommerce):
    store, owner = bigcommerce.store, bigcommerce.add_user("o@x.example", stores=[], authenticator=True)
    account = store.create_api_account("ERP connection", SCOPES)
    session = bigcommerce.sign_in(bigcommerce.owner.email, bigcommerce.owner.password)
    opened = bigcommerce.open_panel(bigcommerce.panel_ticket(session, store.store_hash, "/manage"), store.store_hash)
    assert opened is not None
    secrets = {
        account.access_token,
        account.client_secret,
        owner.password,
        owner.totp_secret,
        session.cookie,
        session.csrf,
        opened[0].cookie,
        opened[0].csrf,
        store.preview_token,
        store.preview_code,
    }
    assert secrets <= set(bigcommerce.canaries())


def test_no_secret_shows_in_a_repr(bigcommerce):
    account = bigcommerce.store.create_api_account("ERP connection", SCOPES)
    session = bigcommerce.sign_in(bigcommerce.owner.email, bigcommerce.owner.password)
    shown = repr((bigcommerce.store, bigcommerce.owner, account, session))
    assert not [secret for secret in bigcommerce.canaries() if secret in shown]


def test_the_sixth_wrong_password_locks_the_user_out_even_with_the_right_one(bigcommerce):
    owner = bigcommerce.owner
    for _ in range(FAILURES_UNTIL_LOCKED - 1):
        with pytest.raises(SignInRefused) as refused:
            bigcommerce.sign_in(owner.email, "wrong")
        assert not isinstance(refused.value, UserLocked)
    with pytest.raises(UserLocked):
        bigcommerce.sign_in(owner.email, "wrong")
    with pytest.raises(UserLocked):
        bigcommerce.sign_in(owner.email, owner.password)


def test_a_right_password_starts_the_count_again(bigcommerce):
    owner = bigcommerce.owner
    for _ in range(FAILURES_UNTIL_LOCKED - 1):
        with pytest.raises(SignInRefused):
            bigcommerce.sign_in(owner.email, "wrong")
    bigcommerce.sign_in(owner.email, owner.password)
    assert owner.failed_tries == 0


def test_an_unknown_device_needs_the_mailed_code_once(bigcommerce):
    user = bigcommerce.add_user("staff@x.example", stores=[bigcommerce.store.store_hash], device_check=True)
    session = bigcommerce.sign_in(user.email, user.password, device="laptop")
    assert not session.verified
    wrong = f"{(int(bigcommerce.mailbox[-1].code) + 1) % 10**6:06d}"
    with pytest.raises(SignInRefused):
        bigcommerce.verify_device(session, wrong, device="laptop")
    bigcommerce.verify_device(session, bigcommerce.mailbox[-1].code, device="laptop")
    assert session.verified
    assert bigcommerce.sign_in(user.email, user.password, device="laptop").verified
    assert not bigcommerce.sign_in(user.email, user.password, device="phone").verified


def test_an_authenticators_code_changes_every_twenty_seconds():
    import pyotp

    now = [1_800_000_000.0]
    bigcommerce = SimulatedBigCommerce(seed=7, clock=lambda: now[0])
    user = bigcommerce.add_user("staff@x.example", stores=[], authenticator=True)
    session = bigcommerce.sign_in(user.email, user.password)
    code = pyotp.TOTP(user.totp_secret, interval=20).at(int(now[0]))
    now[0] += 60
    with pytest.raises(SignInRefused):
        bigcommerce.verify_device(session, code)
    now[0] -= 60
    bigcommerce.verify_device(session, code)
    assert session.verified
    assert bigcommerce.mailbox == []


def test_a_panel_ticket_opens_one_store_once(bigcommerce):
    store = bigcommerce.store
    session = bigcommerce.sign_in(bigcommerce.owner.email, bigcommerce.owner.password)
    ticket = bigcommerce.panel_ticket(session, store.store_hash, "/manage/settings")
    opened = bigcommerce.open_panel(ticket, store.store_hash)
    assert opened is not None
    assert opened[1] == "/manage/settings"
    assert bigcommerce.panel_session(opened[0].cookie, store.store_hash) == (opened[0], bigcommerce.owner)
    assert bigcommerce.open_panel(ticket, store.store_hash) is None
    assert bigcommerce.panel_session(opened[0].cookie, bigcommerce.add_store().store_hash) is None


def test_expired_sessions_are_unknown(bigcommerce):
    store = bigcommerce.store
    session = bigcommerce.sign_in(bigcommerce.owner.email, bigcommerce.owner.password)
    opened = bigcommerce.open_panel(bigcommerce.panel_ticket(session, store.store_hash, "/manage"), store.store_hash)
    assert opened is not None
    bigcommerce.expire_sessions()
    assert bigcommerce.session(session.cookie) is None
    assert bigcommerce.panel_session(opened[0].cookie, store.store_hash) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": " "}, "no name of a store"),
        ({"name": "two\nlines"}, "no name of a store"),
        ({"store_hash": "Store-1"}, "no store hash"),
        ({"subdomain": "-maple"}, "no subdomain"),
        ({"custom_domain": "shop"}, "no domain"),
        ({"custom_domain": "127.0.0.1"}, "no domain"),
        ({"custom_domain": "login.bigcommerce.com"}, "belongs to BigCommerce"),
        ({"custom_domain": "x.mybigcommerce.com"}, "belongs to BigCommerce"),
    ],
)
def test_a_store_that_cannot_be_is_refused(bigcommerce, given, said):
    with pytest.raises(ValueError, match=said):
        bigcommerce.add_store(**given)
    assert len(bigcommerce.stores) == 1


def test_no_two_stores_answer_on_one_name(bigcommerce):
    first = bigcommerce.add_store(custom_domain="shop.example")
    for given in (
        {"store_hash": first.store_hash},
        {"subdomain": first.subdomain},
        {"subdomain": f"store-{first.store_hash}"},
        {"custom_domain": "shop.example"},
    ):
        with pytest.raises(ConflictError):
            bigcommerce.add_store(**given)
    assert len(bigcommerce.stores) == 2


def test_a_scope_that_there_is_not_is_refused_and_a_near_one_named(bigcommerce):
    with pytest.raises(UnknownName, match="'store_storefront_api'"):
        bigcommerce.store.create_api_account("ERP connection", frozenset({"store_storefront_apis"}))
    assert bigcommerce.store.api_accounts == []


def test_a_channel_needs_a_name(bigcommerce):
    with pytest.raises(ValueError, match="no name of a channel"):
        bigcommerce.store.add_channel("")
    assert list(bigcommerce.store.channels) == [1]
