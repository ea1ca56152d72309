"""The two clients for Node: `node-bigcommerce` for REST, `@bigcommerce/catalyst-client` for GraphQL."""

import json

import pytest

REST = """
import BigCommerce from "node-bigcommerce";
const { STORE_HASH: storeHash, ACCESS_TOKEN: accessToken, CLIENT_ID: clientId } = process.env;
const api = (more) => new BigCommerce({ storeHash, accessToken, clientId, responseType: "json", ...more });
const refused = (call) => call.then(() => null, (error) => error.code ?? error.retryAfter);
"""


@pytest.fixture
def told(script):
    def run(code):
        done = script(code)
        assert done.returncode == 0
        return json.loads(done.stdout)

    return run


def test_node_bigcommerce_reads_v2_and_v3(node_world, told):
    answer = told(f"""{REST}
        const [store, products] = [await api().get("/store"), await api().get("/products?limit=2")];
        const channels = await api({{ apiVersion: "v3" }}).get("/channels");
        console.log(JSON.stringify([store.id, products.length, channels.data[0].id]));
    """)
    assert answer == [node_world.store.store_hash, 2, 1]


def test_node_bigcommerce_mints_and_revokes(node_world, told):
    answer = told(f"""{REST}
        const body = {{ channel_ids: [1], expires_at: {int(node_world.state.now()) + 600}, scopes: ["Customer"] }};
        const v3 = api({{ apiVersion: "v3" }});
        const minted = await v3.post("/storefront/api-token-private", body);
        const [listed] = (await v3.get("/storefront/api-token-private")).data;
        const revoked = await v3.delete(`/storefront/api-token-private/${{listed.jti}}`);
        console.log(JSON.stringify([minted.data.token.split(".").length, listed.type, revoked]));
    """)
    assert answer == [3, "private", ""]


def test_node_bigcommerce_tells_each_refusal_by_its_status(node_world, told):
    node_world.state.faults.add("rest:/v2/store", status=503)
    answer = told(f"""{REST}
        console.log(JSON.stringify([
            await refused(api({{ accessToken: "unknown" }}).get("/time")),
            await refused(api().get("/orders")),
            await refused(api({{ storeHash: `store-${{storeHash}}` }}).get("/time")),
            await refused(api().get("/store")),
        ]));
    """)
    assert answer == [401, 404, 403, 503]


def test_node_bigcommerce_is_told_when_to_come_back(node_world, told):
    node_world.state.api.quota = 0
    answer = told(f"""{REST}
        console.log(JSON.stringify(await refused(api({{ failOnLimitReached: true }}).get("/time"))));
    """)
    assert 0 < answer <= 30


def catalyst(node_world, *scopes):
    """JavaScript that makes a client with a private token of these access scopes."""
    return f"""
        import {{ createClient }} from "@bigcommerce/catalyst-client";
        import BigCommerce from "node-bigcommerce";
        const {{ STORE_HASH: storeHash, ACCESS_TOKEN: accessToken, CLIENT_ID: clientId }} = process.env;
        const body = {{
            channel_ids: [1], expires_at: {int(node_world.state.now()) + 600}, scopes: {json.dumps(scopes)},
        }};
        const rest = new BigCommerce({{ storeHash, accessToken, clientId, apiVersion: "v3" }});
        const {{ data }} = await rest.post("/storefront/api-token-private", body);
        const client = (more) => createClient({{ storeHash, storefrontToken: data.token, channelId: "1", ...more }});
    """


def test_catalyst_client_queries_the_channels_own_host(node_world, told):
    answer = told(
        catalyst(node_world, "Unauthenticated")
        + """
        const document = `query Shop { site { settings { storeName }
            search { searchProducts(filters: {searchTerm: "mug"}) { products { edges { node { name } } } } } } }`;
        console.log(JSON.stringify(await client().fetch({ document })));
    """
    )
    site = answer["data"]["site"]
    assert site["settings"]["storeName"] == node_world.store.name
    assert [edge["node"]["name"] for edge in site["search"]["searchProducts"]["products"]["edges"]] == ["Stoneware Mug"]
    assert node_world.asked(f"store-{node_world.store.store_hash}-1.mybigcommerce.com") == [("POST", "/graphql", 200)]


def test_catalyst_client_signs_a_customer_in_and_is_told_of_a_wrong_token(node_world, told):
    shopper = node_world.store.api_records.shoppers.people[0]
    answer = told(
        catalyst(node_world, "Customer")
        + f"""
        const login = await client().fetch({{
            document: `mutation Login($email: String!, $password: String!) {{
                login(email: $email, password: $password) {{ customerAccessToken {{ value }} }} }}`,
            variables: {{ email: {json.dumps(shopper.email)}, password: {json.dumps(shopper.password)} }},
        }});
        const ask = (customerAccessToken) => client().fetch({{
            document: "query Who {{ customer {{ email }} }}", customerAccessToken,
        }});
        const who = await ask(login.data.login.customerAccessToken.value);
        const wrong = await ask("nobody_1").catch((error) => error.name);
        console.log(JSON.stringify([who.data.customer.email, wrong]));
    """
    )
    assert answer == [shopper.email, "InvalidCustomerAccessTokenError"]


def test_catalyst_client_tells_an_access_token_from_a_jwt(node_world, told):
    answer = told(
        catalyst(node_world, "Unauthenticated")
        + """
        const document = "query Shop { site { settings { storeName } } }";
        const error = await client({ storefrontToken: accessToken }).fetch({ document }).catch((error) => error);
        console.log(JSON.stringify([error.name, error.status]));
    """
    )
    assert answer == ["InvalidStorefrontTokenError", 401]
