"""Page objects: what the browser shows becomes a snapshot, and what was found in a snapshot becomes a locator."""
