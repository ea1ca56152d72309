"""The storefront over GraphQL."""

import os

import requests


def store_name() -> str:
    answer = requests.post(
        f"{os.environ['BIGCOMMERCE_STOREFRONT_URL']}/graphql",
        headers={"Authorization": f"Bearer {os.environ['BIGCOMMERCE_STOREFRONT_TOKEN']}"},
        json={"query": "query Name { site { settings { storeName } } }"},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["data"]["site"]["settings"]["storeName"]
