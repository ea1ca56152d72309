"""What the JSON API takes and gives, a subject a file; checked at the edge, and secrets become `Secret` at once."""
