"""Whole runs: what is said, hidden, kept apart and cleaned up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PRODUCTION = {
    "BIGCOMMERCE_STORE_HASH": "realone123",
    "BIGCOMMERCE_ACCESS_TOKEN": "thetokenofrealone4q0b1zx8c7vabc",
    "BIGCOMMERCE_CHANNEL_ID": "664179664",
    "BIGCOMMERCE_STOREFRONT_TOKEN": "thestorefronttokenofrealone",
    "BIGCOMMERCE_STOREFRONT_URL": "https://realone.mybigcommerce.com",
}


@pytest.fixture
def in_production(run, monkeypatch):
    """As under `companion exec production`."""
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    return run


def test_a_run_in_production_s_environment_never_sees_production(in_production):
    result = in_production(
        """
        import os

        def test_fixtures(bigcommerce_connection):
            assert bigcommerce_connection.store_hash != "realone123"
            assert bigcommerce_connection.channel_id == 1
            assert "realone" not in str({**os.environ, **bigcommerce_connection.env}.values())
            assert "https://realone" not in bigcommerce_connection.env["BIGCOMMERCE_STOREFRONT_URL"]

        def test_of_the_same_suite_without_them():
            assert not [name for name in os.environ if name.startswith("BIGCOMMERCE_")]
        """,
        "-q",
    )

    result.assert_outcomes(passed=2)
    said = [line for line in result.outlines if line.startswith("bigcommerce: ")]
    assert len(said) == 1
    assert all(name in said[0] for name in PRODUCTION)
    assert not any(value in result.stdout.str() for value in PRODUCTION.values())
    assert {name: os.environ[name] for name in PRODUCTION} == PRODUCTION  # given back


def test_a_fixture_that_is_asked_for_late_hides_production_too(in_production):
    result = in_production(
        """
        import os

        def test_late(request):
            assert os.environ["BIGCOMMERCE_STORE_HASH"] == "realone123"
            request.getfixturevalue("bigcommerce_sandbox")
            assert "BIGCOMMERCE_STORE_HASH" not in os.environ
        """
    )

    result.assert_outcomes(passed=1)


def test_a_suite_that_does_not_use_the_plugin_is_left_alone(in_production):
    result = in_production(
        """
        import os, sys

        def test_of_others():
            assert os.environ["BIGCOMMERCE_ACCESS_TOKEN"].startswith("thetoken")
        """
    )

    result.assert_outcomes(passed=1)


def test_it_can_be_left_out(run):
    result = run("def test_of_others(): pass", "-p", "no:bigcommerce")

    result.assert_outcomes(passed=1)
    assert run("def test_of_others(): pass", "-p", "no:bigcommerce", "--companion-browser").ret == 4


def test_tests_do_not_see_each_other(run):
    result = run(
        """
        import pytest

        seen = []

        @pytest.mark.parametrize("number", range(3))
        def test_one_of_many(number, bigcommerce_connection, bigcommerce_sandbox, companion_service):
            assert [each["name"] for each in companion_service.client.all_connections()] == ["tests"]
            assert len(bigcommerce_sandbox.store.api_accounts) == 1
            assert len(bigcommerce_sandbox.stores) == 1
            now = (bigcommerce_sandbox.store_hash, str(bigcommerce_connection.access_token), companion_service.data_dir)
            for before in seen:
                assert not set(now) & set(before)
                assert bigcommerce_sandbox.state.account_by_access_token(before[1]) is None
                assert not before[2].parent.exists()
            seen.append(now)
            bigcommerce_sandbox.state.add_store()
            bigcommerce_sandbox.api.token_lists = False
        """
    )

    result.assert_outcomes(passed=3)
    assert list(Path(os.environ["TMPDIR"]).iterdir()) == []


def test_a_test_has_the_same_store_in_every_run(run):
    tests = """
        def test_names(bigcommerce_sandbox, record_testsuite_property):
            print("hash:", bigcommerce_sandbox.store_hash)
        """
    found = [line for _ in range(2) for line in run(tests, "-s").outlines if "hash:" in line]

    assert len(found) == 2
    assert found[0] == found[1]


FAILING = """
    import httpx2
    import pytest

    @pytest.fixture
    def http(bigcommerce_connection, monkeypatch):
        for name, value in bigcommerce_connection.env.items():
            monkeypatch.setenv(name, value)
        with httpx2.Client() as client:
            yield client

    def test_of_equality(bigcommerce_connection):
        assert bigcommerce_connection.access_token == "another"

    def test_of_headers(bigcommerce_connection, http):
        headers = {"X-Auth-Token": str(bigcommerce_connection.access_token)}
        http.get(bigcommerce_connection.api_path + "channels?secret=of-the-query", headers=headers)
        print("the token is", bigcommerce_connection.access_token)
        assert headers == {}, bigcommerce_connection.env

    def test_of_a_long_text(bigcommerce_connection):
        assert ("x" * 200 + bigcommerce_connection.storefront_token + "y" * 300) == ""

    def test_of_an_error(bigcommerce_connection, companion_service):
        raise ValueError(f"{bigcommerce_connection.access_token} {companion_service.api_token}")

    @pytest.fixture(scope="module", autouse=True)
    def noted():
        yield
        import pathlib
        pathlib.Path("secrets.txt").write_text("\\n".join(SECRETS))

    SECRETS = []

    @pytest.fixture(autouse=True)
    def note(bigcommerce_connection, companion_service):
        yield
        SECRETS.extend([bigcommerce_connection.access_token, companion_service.api_token])
        SECRETS.extend(companion_service.minted.secrets())
    """


@pytest.mark.parametrize("options", [("-q",), ("-vv", "--showlocals", "-rA")])
def test_a_failure_shows_what_the_store_was_asked_and_no_secret(run, pytester: pytest.Pytester, options):
    result = run(FAILING, *options, "--junitxml=report.xml")

    result.assert_outcomes(failed=4)
    secrets = (pytester.path / "secrets.txt").read_text().split()
    printed = result.stdout.str() + (pytester.path / "report.xml").read_text()
    assert len(secrets) > 8
    for secret in secrets:
        assert secret not in printed
        assert f"'{secret[:8]}" not in printed
        assert f"{secret[-8:]}'" not in printed
    result.stdout.re_match_lines(
        [r"-* What the simulated store was asked -*", r"403 GET https://api\..*/v3/channels\?secret="]
    )
    assert "of-the-query" not in "".join(line for line in result.outlines if line.startswith("403 "))


def test_what_a_mark_asks_for_in_vain_is_said_without_a_traceback(run):
    result = run(
        """
        import pytest

        @pytest.mark.bigcommerce(variants=["a2018"])
        def test_variant(bigcommerce_sandbox): pass

        @pytest.mark.bigcommerce(faults=["safe:500"])
        def test_fault(bigcommerce_sandbox): pass

        @pytest.mark.bigcommerce(scopes=["Produce=read-only"])
        def test_scope(bigcommerce_connection): pass
        """
    )

    result.assert_outcomes(errors=3)
    assert "Traceback" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()
    result.stdout.fnmatch_lines(["@pytest.mark.bigcommerce: *'a2018'*'a2019'*", "*'safe'*", "*'Produce'*"])


def test_a_mark_that_cannot_be_read_stops_the_run(run):
    result = run(
        """
        import pytest

        @pytest.mark.bigcommerce(variant=["slow"])
        def test_typo(bigcommerce_sandbox): pass
        """
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_typo*has no 'variant'*"])
