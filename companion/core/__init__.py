"""The pure core: standard library and cryptography only; no network, disk, clock, browser or random source."""
