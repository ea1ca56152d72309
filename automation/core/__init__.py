"""The pure core: standard library and Beautiful Soup; no browser, network, disk or clock."""
