"""The pure core: standard library and BeautifulSoup; no browser, network, disk or clock."""
