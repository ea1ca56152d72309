"""The panel in BigCommerce's pages: what it shows is told to it, what a person does in it is told by it."""
