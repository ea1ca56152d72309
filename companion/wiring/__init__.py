"""Settings in, a working service out: the one place that names concrete classes, a job a file."""
