"""`/api/v1`: takes requests apart, asks a use case, puts its answer together; a subject a file."""
