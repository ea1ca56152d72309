"""`--bigcommerce-live`: a second simulated store stands in for the real one, by the host map that all parts honour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulated_store.serving.server import RunningStore, running
from simulated_store.state import ApiAccount, SimulatedBigCommerce

BOTH = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation"})

SUITE = """
    import os
    import pytest

    QUERY = "{ site { settings { storeName } } }"

    def test_used(bigcommerce_connection, bigcommerce_sandbox):
        assert bigcommerce_sandbox.is_real
        assert bigcommerce_connection.store_hash == bigcommerce_sandbox.store_hash
        assert bigcommerce_connection.store_hash == os.environ["BIGCOMMERCE_STORE_HASH"]
        assert bigcommerce_connection.graphql(QUERY)["data"]["site"]
        assert bigcommerce_connection.env["BIGCOMMERCE_STOREFRONT_TOKEN"] == bigcommerce_connection.storefront_token
        assert "HTTPS_PROXY" not in bigcommerce_connection.env

    @pytest.mark.bigcommerce(simulated_only=True)
    def test_of_faults(bigcommerce_connection, bigcommerce_sandbox):
        raise AssertionError

    @pytest.mark.bigcommerce(variants=["slow"])
    def test_of_variants(bigcommerce_connection):
        raise AssertionError
    """


@pytest.fixture
def real(run) -> Iterator[RunningStore]:
    del run  # first, since it clears the environment
    with running(SimulatedBigCommerce()) as store:
        yield store


@pytest.fixture
def account(real: RunningStore) -> ApiAccount:
    """Made before the run, with a token that is none of the run's."""
    account = real.state.store.create_api_account("The integrator's own", BOTH)
    real.state.requests.clear()
    return account


@pytest.fixture
def live(run, real: RunningStore, account: ApiAccount, monkeypatch):
    """Runs a suite against `real`, as the environment and the option say."""
    store = real.state.store
    monkeypatch.setenv("COMPANION_HOST_MAP", real.host_map)
    monkeypatch.setenv("COMPANION_CA_FILE", str(real.ca_file))
    monkeypatch.setenv("BIGCOMMERCE_STORE_HASH", store.store_hash)
    monkeypatch.setenv("BIGCOMMERCE_ACCESS_TOKEN", account.access_token)
    monkeypatch.setenv("BIGCOMMERCE_STOREFRONT_URL", f"https://{store.vanity_host}")
    return lambda tests, *options, **how: run(tests, "--bigcommerce-live", store.store_hash, *options, **how)


def revocations(real: RunningStore) -> list[str]:
    return [each.path for each in real.state.requests if each.method == "DELETE" or "revoke" in each.path]


def test_it_uses_that_store_and_takes_back_exactly_what_it_minted(live, real, account):
    others = mint(real, account)

    result = live(SUITE, "-rs")

    result.assert_outcomes(passed=1, skipped=2)
    minted = [token for token in account.storefront_tokens if token.jti != others]
    assert minted
    assert all(token.revoked_at is not None for token in minted)
    assert next(token for token in account.storefront_tokens if token.jti == others).revoked_at is None
    assert len(revocations(real)) == len(minted)
    assert not any("revoke-all" in path for path in revocations(real))
    assert account in real.state.store.api_accounts
    said = [line for line in result.outlines if line.startswith("bigcommerce: ")]
    assert len(said) == 1
    assert account.access_token not in result.stdout.str()
    result.stdout.fnmatch_lines(["SKIPPED*simulated_only*", "SKIPPED*variants*"])


def mint(real: RunningStore, account: ApiAccount) -> str:
    """A token of the integrator's own; returns its jti."""
    from simulated_store.api.storefront_tokens import mint as minted
    from simulated_store.api.token_rules import TokenRequest

    request = TokenRequest(channel_ids=(1,), expires_at=int(real.state.now()) + 3600, scopes=("Unauthenticated",))
    return minted(real.state, real.state.store, account, "private", request).jti


@pytest.mark.parametrize("switches", [{"jti_claim": False}, {"token_lists": False}])
def test_tokens_are_revoked_by_themselves_where_their_jti_does_not_serve(live, real, account, switches):
    for name, value in switches.items():
        setattr(real.state.api, name, value)

    live(SUITE).assert_outcomes(passed=1, skipped=2)

    assert account.storefront_tokens
    assert all(token.revoked_at is not None for token in account.storefront_tokens if token.family == "private")


def test_tokens_that_cannot_be_revoked_are_named_at_the_end(live, real):
    real.state.api.most_revoked = 0

    result = live(SUITE, "-q")

    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["bigcommerce: 3 of 3 storefront tokens*could not be revoked*UTC."])


def test_what_only_a_simulated_store_has_is_said_to_be_missing(live):
    result = live(
        """
        def test_unmarked(bigcommerce_sandbox):
            bigcommerce_sandbox.faults.add("graphql", status=500)
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*NotSimulated: bigcommerce_sandbox.faults*simulated_only=True*"])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"BIGCOMMERCE_STORE_HASH": "another123"}, "names another store, another123"),
        ({"BIGCOMMERCE_STORE_HASH": None}, "BIGCOMMERCE_STORE_HASH is not set"),
        ({"BIGCOMMERCE_ACCESS_TOKEN": None}, "BIGCOMMERCE_ACCESS_TOKEN is not set"),
    ],
)
def test_a_hash_that_the_environment_does_not_confirm_is_wrong_usage(live, real, monkeypatch, change, complaint):
    for name, value in change.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)

    result = live(SUITE)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{complaint}*"])
    assert list(real.state.requests) == []


def test_no_api_account_is_made_on_a_real_store(live, real):
    result = live(SUITE, "--companion-browser")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*do not go together*"])
    assert list(real.state.requests) == []


def test_without_the_option_the_same_environment_reaches_no_store_at_all(live, run, real):
    del live  # which has set the environment
    result = run(
        """
        def test_simulated(bigcommerce_connection, bigcommerce_sandbox):
            assert not bigcommerce_sandbox.is_real
            assert bigcommerce_connection.status == "ready"
        """
    )

    result.assert_outcomes(passed=1)
    assert list(real.state.requests) == []


def test_workers_revoke_too_and_their_words_come_through(live, real, account):
    real.state.api.most_revoked = 1

    result = live(SUITE, "-n", "1", apart=True)

    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["bigcommerce: 2 of 3 storefront tokens*"])
    assert sum(token.revoked_at is not None for token in account.storefront_tokens) == 1
    assert sum(line.startswith("bigcommerce: ") for line in result.outlines) == 2
