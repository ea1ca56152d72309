"""The pure core: standard library only; no browser, network, disk or clock."""
