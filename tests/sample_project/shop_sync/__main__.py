"""`python -m shop_sync` prints the SKUs."""

from shop_sync.catalogue import Catalogue

with Catalogue() as catalogue:
    print(*sorted(product["sku"] for product in catalogue.products()), sep="\n")
