"""The commands, checks and jobs that the `companion` program finds by entry point, and what only they need."""
