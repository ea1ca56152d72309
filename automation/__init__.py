"""Playwright follows the documented control panel steps and captures what a connection needs."""
