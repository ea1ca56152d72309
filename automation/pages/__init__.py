"""The control panel's pages: what the browser shows, as a snapshot; what was found in one, as a locator."""
