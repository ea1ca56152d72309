"""One script a schema; their ids are numbers in order."""
