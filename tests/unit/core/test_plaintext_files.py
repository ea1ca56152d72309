"""What the plaintext files of other tools say, in every shape in which they were found."""

import pytest

from companion.core.errors import InvalidInput
from companion.core.plaintext_files import Plaintext, combined, plaintext_from
from companion.core.secret import Secret
from companion.project_files import env_variables

TOKEN = Secret("s3cr3t-value")
LOCAL = """\
export BIGCOMMERCE_STORE_HASH='abc123' # mine
BIGCOMMERCE_CHANNEL_ID=2
CATALYST_ACCESS_TOKEN=s3cr3t-value
BIGCOMMERCE_STOREFRONT_TOKEN=jwt
this is no line
AUTH_SECRET=$OTHER
"""
STARTER = """\
BIGCOMMERCE_STORE_API_URL=https://api.bigcommerce.com/stores/abc123
BIGCOMMERCE_STORE_API_TOKEN=s3cr3t-value
BIGCOMMERCE_STOREFRONT_API_URL=https://celigo.mybigcommerce.com/graphql
"""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("secrets.stencil.json", '{"accessToken": "s3cr3t-value", "githubToken": "x"}', Plaintext(TOKEN)),
        (
            ".stencil",
            '\ufeff{"accessToken": " s3cr3t-value ", "normalStoreUrl": "https://celigo.mybigcommerce.com/"}',
            Plaintext(TOKEN, storefront_host="celigo.mybigcommerce.com"),
        ),
        ("project.json", '{"storeHash": "abc123", "accessToken": "s3cr3t-value"}', Plaintext(TOKEN, "abc123")),
        (".catalyst", '# no\n[auth]\nstoreHash = "abc123"\naccessToken = "s3cr3t-value"\n', Plaintext(TOKEN, "abc123")),
        (".catalyst", "", Plaintext()),
        (
            ".env.local",
            LOCAL,
            Plaintext(TOKEN, "abc123", 2, Secret("jwt")),
        ),
        (
            ".env",
            STARTER,
            Plaintext(TOKEN, "abc123", storefront_host="celigo.mybigcommerce.com"),
        ),
        (".env", "BIGCOMMERCE_CHANNEL_ID= \nBIGCOMMERCE_STORE_HASH=\nBIGCOMMERCE_ACCESS_TOKEN\n", Plaintext()),
        (".env", "\x00\xff=\n=\n'''", Plaintext()),
    ],
)
def test_a_file_says_what_its_tool_wrote(name, text, said):
    assert plaintext_from(name, text, env_variables) == said


def test_stencils_configuration_tells_the_storefront():
    said = plaintext_from(
        "secrets.stencil.json",
        '{"accessToken": "s3cr3t-value"}',
        env_variables,
        config='{"normalStoreUrl": "https://shop.example"}',
    )
    assert (said.storefront_host, said.subdomain) == ("shop.example", None)


@pytest.mark.parametrize(
    ("name", "text"),
    [("secrets.stencil.json", "{s3cr3t-value"), (".catalyst", "[auth s3cr3t-value"), ("x", "{" * 9999)],
)
def test_what_cannot_be_read_is_not_repeated(name, text):
    with pytest.raises(InvalidInput) as refused:
        plaintext_from(name, text, env_variables)
    assert "s3cr3t-value" not in str(refused.value)
    assert refused.value.__context__ is None


def test_files_of_one_store_are_put_together_and_others_kept_apart():
    one, more = Plaintext(TOKEN, "abc"), Plaintext(None, "abc", 2, Secret("jwt"))
    assert combined([more, one]) == (Plaintext(TOKEN, "abc", 2, Secret("jwt")),)
    other = Plaintext(Secret("another"), "xyz")
    assert combined([one, other]) == (one, other)
    stencil = Plaintext(TOKEN, storefront_host="celigo.mybigcommerce.com")
    assert combined([more, stencil])[0].access_token == TOKEN
    assert combined([one, stencil]) == (one, stencil)
