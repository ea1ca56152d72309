"""The jobs the automation can do, as data: one a file."""
