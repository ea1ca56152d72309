"""The browser of a run: found or installed, started for it alone, and gone with all its files at the end."""
