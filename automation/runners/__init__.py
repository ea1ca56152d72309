"""The loop that runs a job, and the hands that carry out what it decides."""
