"""The pure core: standard library; no browser, network, disk or clock."""
