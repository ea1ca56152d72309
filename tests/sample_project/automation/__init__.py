"""What the shop does by night. No part of bigcommerce-companion, although a package of that has the same name."""

NIGHTLY = ("sync the catalogue", "report")
