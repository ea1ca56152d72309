"""The rules of the retrieval, one part of the way a file; all are pure: (progress, page) -> (progress, command)."""
