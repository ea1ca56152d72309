"""stencil-cli: `init` keeps the credentials, `pull` fetches the theme's configuration of a channel."""

import json

import pytest


@pytest.fixture
def theme(node_world):
    """A theme's folder, as a Stencil theme has it."""
    config = {"settings": {"color-primary": "#000000"}, "variations": [{"name": "Light"}]}
    (node_world.folder / "config.json").write_text(json.dumps(config), "utf-8")
    return node_world


def stencil(theme, *arguments):
    return theme.run("stencil", *arguments)


def init(theme):
    told = ["--url", theme.environment["STORE_URL"], "--token", theme.account.access_token]
    return stencil(theme, "init", *told, "--port", "3000", "--packageManager", "npm", "--skipInstall")


@pytest.mark.parametrize(("flag", "colour"), [([], "#3b3a72"), (["--saved"], "#723a3b")])
def test_pull_writes_the_configuration_of_the_channel(theme, flag, colour):
    assert init(theme).returncode == 0
    assert stencil(theme, "pull", "--channel_id", "1", *flag).returncode == 0
    config = json.loads((theme.folder / "config.json").read_text("utf-8"))
    assert config["variations"][0]["settings"] == {"color-primary": colour}
    assert theme.asked(theme.store.vanity_host) == [("GET", "/admin/oauth/info", 200)]
    assert {status for _, _, status in theme.asked()} == {200}


def test_the_one_channel_there_is_is_taken_without_a_question(theme):
    assert init(theme).returncode == 0
    assert stencil(theme, "pull").returncode == 0
    assert ("GET", "/v3/sites", 200) in theme.asked()


def test_pull_of_a_storefront_without_a_theme_says_so(theme):
    channel = theme.store.add_channel("headless")
    channel.platform = "catalyst"
    assert init(theme).returncode == 0
    done = stencil(theme, "pull", "--channel_id", str(channel.channel_id))
    assert done.returncode != 0
    assert f"channel {channel.channel_id}" in done.stdout + done.stderr
