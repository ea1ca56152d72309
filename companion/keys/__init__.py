"""Key providers, and the choice between them."""
