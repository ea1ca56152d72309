"""Copies a BigCommerce catalogue; told of its store by the environment."""
