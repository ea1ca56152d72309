"""What other tools read, what is kept of their files, and that no secret is left where one is taken out."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from dotenv import dotenv_values
from test_child_environment import values

from companion.core.errors import Conflict, InvalidInput
from companion.core.tool_files import ToolFormat, file_names, tool_files, with_variables, without_secrets


def written(tool, present=None, **more):
    files = tool_files(tool, values(), present=present or {}, entropy=lambda n: b"\x01" * n, **more)
    return {each.name: each.content.reveal() for each in files}


def test_an_env_file_says_what_exec_gives():
    text = written(ToolFormat.DOTENV)[".env"]
    assert dotenv_values(stream=StringIO(text)) == {
        "BIGCOMMERCE_STORE_HASH": "ci4bzn8adz",
        "BIGCOMMERCE_ACCESS_TOKEN": "the-access-token",
        "BIGCOMMERCE_CHANNEL_ID": "1",
        "BIGCOMMERCE_STOREFRONT_TOKEN": "the-storefront-token",
        "BIGCOMMERCE_STOREFRONT_URL": "https://celigo.mybigcommerce.com",
    }


def test_only_the_wanted_variables_stand_in_an_env_file():
    (file,) = tool_files(
        ToolFormat.DOTENV, values(), present={}, entropy=bytes, wanted=frozenset({"BIGCOMMERCE_STORE_HASH"})
    )
    assert file.content.reveal() == "BIGCOMMERCE_STORE_HASH=ci4bzn8adz\n"
    assert not file.is_secret


def test_other_variables_comments_and_quoted_lines_stay_where_they_are():
    before = (
        "# my shop\nPORT=3000\nexport BIGCOMMERCE_ACCESS_TOKEN='old'\nKEY=\"a\nBIGCOMMERCE_STORE_HASH=b\"\nLAST=1\n"
        "BIGCOMMERCE_ACCESS_TOKEN=twice\n"
    )
    after = with_variables(before, {"BIGCOMMERCE_ACCESS_TOKEN": "new", "BIGCOMMERCE_STORE_HASH": "abc"})
    assert after == (
        '# my shop\nPORT=3000\nBIGCOMMERCE_ACCESS_TOKEN=new\nKEY="a\nBIGCOMMERCE_STORE_HASH=b"\nLAST=1\n'
        "BIGCOMMERCE_STORE_HASH=abc\n"
    )


@pytest.mark.parametrize("value", ["plain-1", 'with"quote', "a#b", "a=b==", "~!^&*()[]{}|;<>?"])
def test_a_value_is_read_as_it_was(value):
    assert dotenv_values(stream=StringIO(with_variables("", {"A": value}))) == {"A": value}


@pytest.mark.parametrize("value", ["it's", "$HOME", "back\\slash"])
def test_a_value_that_readers_disagree_about_is_not_written(value):
    with pytest.raises(InvalidInput, match="companion exec") as refused:
        with_variables("", {"A": value})
    assert value not in str(refused.value)


def test_stencil_gets_its_token_its_store_and_its_layouts():
    files = written(ToolFormat.STENCIL)
    assert json.loads(files["secrets.stencil.json"]) == {"accessToken": "the-access-token"}
    config = json.loads(files["config.stencil.json"])
    assert config["normalStoreUrl"] == "https://celigo.mybigcommerce.com"
    assert set(config["customLayouts"]) == {"brand", "category", "page", "product"}
    assert "the-access-token" not in files["config.stencil.json"]


def test_what_stencils_files_say_besides_is_kept():
    present = {
        "secrets.stencil.json": '{"githubToken": "kept", "accessToken": "old"}',
        "config.stencil.json": '{"port": 4000, "customLayouts": {"page": {"a.html": "/a"}}}',
    }
    files = written(ToolFormat.STENCIL, present)
    assert json.loads(files["secrets.stencil.json"]) == {"githubToken": "kept", "accessToken": "the-access-token"}
    config = json.loads(files["config.stencil.json"])
    assert (config["port"], config["customLayouts"]) == (4000, {"page": {"a.html": "/a"}})


def test_stencils_own_name_for_its_secrets_counts():
    present = {"config.stencil.json": '{"secretsFileName": "mine.json"}'}
    assert file_names(ToolFormat.STENCIL, present) == ("mine.json", "config.stencil.json")


@pytest.mark.parametrize("name", ["../mine.json", "a/b", "..", "a\\\\b"])
def test_a_place_for_secrets_outside_the_folder_is_refused(name):
    with pytest.raises(InvalidInput):
        file_names(ToolFormat.STENCIL, {"config.stencil.json": f'{{"secretsFileName": "{name}"}}'})


def test_an_old_stencil_file_would_win_over_ours():
    with pytest.raises(Conflict, match=r"\.stencil"):
        file_names(ToolFormat.STENCIL, {".stencil": "{}"})


def test_catalyst_gets_its_project_and_its_environment():
    files = written(ToolFormat.CATALYST, {".bigcommerce/project.json": '{"projectUuid": "kept", "env": {"A": "b"}}'})
    project = json.loads(files[".bigcommerce/project.json"])
    assert project == {
        "framework": "catalyst", "projectUuid": "kept", "env": {"A": "b"},
        "storeHash": "ci4bzn8adz", "accessToken": "the-access-token",
    }  # fmt: skip
    environment = dotenv_values(stream=StringIO(files[".env.local"]))
    assert environment == {
        "BIGCOMMERCE_STORE_HASH": "ci4bzn8adz",
        "BIGCOMMERCE_CHANNEL_ID": "1",
        "BIGCOMMERCE_STOREFRONT_TOKEN": "the-storefront-token",
        "AUTH_SECRET": "01" * 32,
    }


def test_the_session_secret_of_a_catalyst_project_stays():
    files = written(ToolFormat.CATALYST, {".env.local": "AUTH_SECRET=mine\n"})
    assert dotenv_values(stream=StringIO(files[".env.local"]))["AUTH_SECRET"] == "mine"


@pytest.mark.parametrize("text", ["[]", "no json", "{" * 100_000])
def test_a_file_that_is_not_the_tools_is_not_touched(text):
    with pytest.raises(InvalidInput):
        written(ToolFormat.CATALYST, {".bigcommerce/project.json": text})


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("secrets.stencil.json", '{"accessToken": "s3cret"}', None),
        ("mine", ' {"accessToken": "s3cret", "githubToken": "kept"}', '{\n  "githubToken": "kept"\n}\n'),
        ("project.json", '{"framework": "catalyst", "storeHash": "abc", "accessToken": "s3cret"}', None),
        ("project.json", '{"projectUuid": "u", "accessToken": "s3cret"}', '{\n  "projectUuid": "u"\n}\n'),
        (".catalyst", '[auth]\naccessToken = "s3cret"\n', None),
        (".env", "BIGCOMMERCE_ACCESS_TOKEN=s3cret\n# only this\n\n", None),
        (".env.local", "A=1\nexport BIGCOMMERCE_ACCESS_TOKEN='s3cret'\nB=2\n", "A=1\nB=2\n"),
        (".env", 'A=1\nBIGCOMMERCE_ACCESS_TOKEN="s3cret\nmore s3cret"\nB=2\n', "A=1\nB=2\n"),
    ],
)
def test_secrets_are_taken_out_and_the_rest_stays(name, text, left):
    assert without_secrets(name, text) == left


def test_a_storefront_token_that_is_not_there_leaves_no_line():
    given = replace(values(), storefront_token=None)
    (file,) = tool_files(ToolFormat.DOTENV, given, present={}, entropy=bytes)
    assert "STOREFRONT_TOKEN" not in file.content.reveal()
