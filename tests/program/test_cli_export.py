"""Files for other tools: written whole and private, never over a file of the user, remembered, and gone in time."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SCOPES = frozenset({"store_storefront_api", "store_storefront_api_customer_impersonation", "store_v2_information"})
READ_STENCIL = "import json; print(json.load(open('secrets.stencil.json'))['accessToken'])"


@pytest.fixture
def account(sandbox):
    return sandbox.store.state.store.create_api_account("ERP connection", SCOPES)


@pytest.fixture
def add(companion, sandbox, account):
    """Adds a connection to the simulated store."""

    def add(name, *more):
        store = sandbox.store.state.store
        result = companion(
            "add", name, "--subdomain", store.subdomain, "--store-hash", store.store_hash, "--access-token-stdin",
            "--no-verify", "--json", *more, stdin=account.access_token,
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return add


@pytest.fixture
def shop(add):
    return add("shop")


@pytest.fixture
def program(shop, process):
    """The program as a process, in the environment that the other fixtures have set up."""
    del shop
    process.environment.update(os.environ)
    return process


def mode(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_an_env_file_holds_the_connection_and_nobody_else_reads_it(companion, shop, account):
    result = companion("export", "shop", "--format", "dotenv", "--json")
    assert result.exit_code == 0, result.output
    assert account.access_token not in result.output
    text = Path(".env").read_text("utf-8")
    assert f"BIGCOMMERCE_ACCESS_TOKEN={account.access_token}\n" in text
    (minted,) = account.storefront_tokens
    assert f"BIGCOMMERCE_STOREFRONT_TOKEN={minted.jwt}\n" in text
    assert json.loads(result.stdout)["files"] == [
        {"path": str(Path.cwd() / ".env"), "secret": True, "written": True, "git_would_commit": False}
    ]
    if os.name == "posix":
        assert mode(".env") == 0o600


def test_a_file_of_the_user_is_not_overwritten_and_nothing_is_minted_for_it(companion, shop, account):
    Path(".env").write_text("MINE=1\n", "utf-8")
    assert companion("export", "shop", "--format", "dotenv").exit_code == 8
    assert Path(".env").read_text("utf-8") == "MINE=1\n"
    assert account.storefront_tokens == []
    assert companion("export", "shop", "--format", "dotenv", "--force").exit_code == 0
    assert Path(".env").read_text("utf-8").startswith("MINE=1\nBIGCOMMERCE_STORE_HASH=")
    if os.name == "posix":
        assert mode(".env") == 0o600


def test_a_link_is_neither_followed_nor_replaced(companion, shop, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("MINE=1\n", "utf-8")
    Path(".env").symlink_to(elsewhere)
    result = companion("export", "shop", "--format", "dotenv", "--force")
    assert result.exit_code == 2
    assert f"is a link to {elsewhere}" in result.stderr
    assert elsewhere.read_text("utf-8") == "MINE=1\n"
    assert Path(".env").is_symlink()
    assert companion("export", "shop", "--format", "dotenv", "--output", str(elsewhere), "--force").exit_code == 0
    assert elsewhere.read_text("utf-8").startswith("MINE=1\nBIGCOMMERCE_")


def test_an_empty_path_is_not_the_folder_at_hand(companion, shop):
    result = companion("export", "shop", "--format", "dotenv", "--output", "")
    assert result.exit_code == 2
    assert "it is empty" in result.stderr
    assert not Path(".env").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_what_is_no_file_is_neither_replaced_nor_waited_for(companion, shop, tmp_path):
    """As root, `--force` on /dev/null would put a file with secrets in place of the device."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        result = companion("export", "shop", "--format", "dotenv", "--output", str(path), "--force")
        assert result.exit_code == 2, result.output
        assert f"{path} is there, and is no file" in result.stderr
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert link.is_symlink()


def test_stencils_configuration_that_fits_is_left_alone(companion, shop, account):
    assert companion("export", "shop", "--format", "stencil").exit_code == 0
    Path("secrets.stencil.json").unlink()
    written = Path("config.stencil.json").stat().st_mtime_ns
    result = companion("export", "shop", "--format", "stencil", "--json")
    assert [each["written"] for each in json.loads(result.stdout)["files"]] == [True, False]
    assert Path("config.stencil.json").stat().st_mtime_ns == written
    assert json.loads(Path("secrets.stencil.json").read_text())["accessToken"] == account.access_token
    assert account.storefront_tokens == []  # Stencil needs none


def test_where_one_of_two_files_is_in_the_way_neither_is_written(companion, shop):
    Path("config.stencil.json").write_text('{"normalStoreUrl": "https://another.example"}', "utf-8")
    assert companion("export", "shop", "--format", "stencil").exit_code == 8
    assert not Path("secrets.stencil.json").exists()


def test_catalyst_gets_both_its_files(companion, shop, account, tmp_path):
    folder = tmp_path / "storefront"
    folder.mkdir()
    result = companion("export", "shop", "--format", "catalyst", "--output", str(folder), "--days", "30")
    assert result.exit_code == 0, result.output
    project = json.loads((folder / ".bigcommerce" / "project.json").read_text())
    assert (project["storeHash"], project["accessToken"]) == (shop["store_hash"], account.access_token)
    (minted,) = account.storefront_tokens
    assert f"BIGCOMMERCE_STOREFRONT_TOKEN={minted.jwt}\n" in (folder / ".env.local").read_text()
    assert "ends 20" in result.output


def test_a_token_connection_has_nothing_for_a_catalyst_server(companion, add):
    add("old", "--auth-type", "token")
    assert companion("export", "old", "--format", "catalyst").exit_code == 8
    assert not Path(".env.local").exists()
    assert companion("export", "old", "--format", "dotenv").exit_code == 0
    assert "STOREFRONT_TOKEN" not in Path(".env").read_text()


def test_git_is_asked_whether_it_would_take_the_file(companion, shop):
    subprocess.run(["git", "init", "-q"], check=True)  # noqa: S607  whichever git the machine has
    result = companion("export", "shop", "--format", "dotenv", "--json")
    assert json.loads(result.stdout)["files"][0]["git_would_commit"] is True
    assert ".gitignore" in result.stderr
    Path(".gitignore").write_text(".env\n", "utf-8")
    result = companion("export", "shop", "--format", "dotenv", "--force", "--json")
    assert json.loads(result.stdout)["files"][0]["git_would_commit"] is False


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("shop",), 2),
        (("shop", "--format", "toml"), 2),
        (("shop", "--format", "stencil", "--only", "BIGCOMMERCE_STORE_HASH"), 2),
        (("shop", "--format", "dotenv", "--only", "PATH"), 2),
        (("shop", "--format", "stencil", "--output", "no/such/folder"), 2),
        (("nobody", "--format", "dotenv"), 7),
    ],
)
def test_wrong_usage_writes_nothing(companion, shop, arguments, code):
    assert companion("export", *arguments).exit_code == code
    assert list(Path.cwd().iterdir()) == []


def test_no_file_is_written_for_a_service_elsewhere(companion, shop, monkeypatch):
    monkeypatch.setenv("COMPANION_URL", "https://companion.example")
    assert companion("export", "shop", "--format", "dotenv").exit_code == 2


def test_a_program_finds_its_own_file_and_afterwards_it_is_gone(program, account):
    done = program.run("exec", "shop", "--with", "stencil", "--", sys.executable, "-c", READ_STENCIL)
    assert (done.returncode, done.stdout.strip()) == (0, account.access_token), done.stderr
    assert list(Path.cwd().iterdir()) == []


def test_a_file_of_the_user_stays_and_the_program_is_not_run(program):
    Path("secrets.stencil.json").write_text('{"accessToken": "mine"}', "utf-8")
    done = program.run("exec", "shop", "--with", "stencil", "--", sys.executable, "-c", READ_STENCIL)
    assert done.returncode == 125
    assert "mine" not in done.stdout
    assert Path("secrets.stencil.json").read_text("utf-8") == '{"accessToken": "mine"}'


def test_catalysts_own_files_stay_and_the_environment_comes_before_them(program, account):
    Path(".bigcommerce").mkdir()
    Path(".bigcommerce/project.json").write_text('{"projectUuid": "mine"}', "utf-8")
    code = "import os; print(os.environ['CATALYST_ACCESS_TOKEN'], os.path.exists('.env.local'))"
    done = program.run("exec", "shop", "--with", "catalyst", "--", sys.executable, "-c", code)
    assert (done.returncode, done.stdout.split()) == (0, [account.access_token, "True"]), done.stderr
    assert Path(".bigcommerce/project.json").read_text("utf-8") == '{"projectUuid": "mine"}'
    assert not Path(".env.local").exists()


def test_what_the_program_adds_to_its_file_outlives_the_secret(program, account):
    code = (
        "import json; p = '.bigcommerce/project.json'; d = json.load(open(p)); d['projectUuid'] = 'new';"
        "json.dump(d, open(p, 'w'))"
    )
    done = program.run("exec", "shop", "--with", "catalyst", "--", sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    left = Path(".bigcommerce/project.json").read_text("utf-8")
    assert json.loads(left)["projectUuid"] == "new"
    assert account.access_token not in left


WAITS = "import sys, time; print('ready', flush=True); time.sleep(600)"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_file_is_gone_after_a_signal(program, number):
    running = program.start("exec", "shop", "--with", "stencil", "--", sys.executable, "-c", WAITS)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    assert Path("secrets.stencil.json").exists()
    running.send_signal(number)
    running.communicate(timeout=60)
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_what_a_killed_run_leaves_is_swept_and_a_living_runs_file_is_not(program, account):
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    running = program.start("exec", "shop", "--with", "stencil", "--", sys.executable, "-c", code)
    assert running.stdout is not None
    child = int(running.stdout.readline())
    program.run("exec", "shop", "--only", "BIGCOMMERCE_STORE_HASH", "--", "true")
    assert Path("secrets.stencil.json").exists()
    running.kill()
    running.wait()
    os.kill(child, signal.SIGKILL)
    running.communicate()
    assert account.access_token in Path("secrets.stencil.json").read_text("utf-8")
    Path("config.stencil.json").write_text("{}", "utf-8")  # by somebody else since
    done = program.run("exec", "shop", "--only", "BIGCOMMERCE_STORE_HASH", "--", "true")
    assert "left behind" in done.stderr
    assert [each.name for each in Path.cwd().iterdir()] == ["config.stencil.json"]
    notes = list((Path(os.environ["COMPANION_DATA_DIR"]) / "temporary-files").iterdir())
    assert notes == []


def test_what_is_due_is_told_of_all_connections_and_of_some(companion, add, shop):
    add("old", "--auth-type", "token", "--tag", "eu")
    everything = json.loads(companion("deadlines", "--json").stdout)
    assert everything["totals"]["by_kind"] == {"token-auth-ended": 1, "access-token-old": 2, "key-old": 1}
    assert everything["deadlines"][0]["connection"]["name"] == "old"
    soon = companion("deadlines", "--within", "90d", "--json")
    assert soon.exit_code == 9
    assert [each["kind"] for each in json.loads(soon.stdout)["deadlines"]] == ["token-auth-ended"]
    assert companion("deadlines", "shop", "--within", "12w").exit_code == 0
    assert companion("deadlines", "--auth-type", "custom", "--within", "90d").exit_code == 0
    assert companion("deadlines", "--tag", "eu", "--within", "1").exit_code == 9
    assert companion("deadlines", "nobody").exit_code == 7
    assert companion("deadlines", "--within", "soon").exit_code == 2


def test_a_file_with_a_replaced_token_is_named_until_it_is_gone(companion, shop, account, sandbox):
    assert companion("export", "shop", "--format", "dotenv").exit_code == 0
    (planned,) = json.loads(companion("rotate", "shop", "--dry-run", "--json").stdout)["plan"]
    assert planned["exports"] == [str(Path.cwd() / ".env")]
    same = companion("edit", "shop", "--access-token-stdin", "--no-verify", stdin=account.access_token)
    assert same.exit_code == 0
    kinds = lambda: json.loads(companion("deadlines", "shop", "--json").stdout)["totals"]["by_kind"]  # noqa: E731
    assert kinds() == {"access-token-old": 1, "export-ends": 1}
    another = sandbox.store.state.store.create_api_account("another", SCOPES).access_token
    assert companion("edit", "shop", "--access-token-stdin", "--no-verify", stdin=another).exit_code == 0
    assert kinds() == {"access-token-old": 1, "export-of-old-token": 1}
    assert str(Path.cwd() / ".env") in companion("delete", "shop").output
    Path(".env").unlink()
    assert kinds() == {"access-token-old": 1}
