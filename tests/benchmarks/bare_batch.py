"""A bare script that makes an API account in each of several stores, some at once, in one browser; one sign-in for all.

Reads what it needs as JSON from standard input. It neither checks nor stores nor verifies anything.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

SCOPES = ("Storefront API tokens", "Storefront API customer impersonation tokens")


async def main(wanted: dict[str, Any]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=wanted["program"], args=wanted["flags"])
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto("https://login.bigcommerce.com/login", wait_until="commit")
        await page.get_by_placeholder("Email Address").fill(wanted["email"])
        await page.get_by_placeholder("Password").fill(wanted["password"])
        await page.get_by_role("button", name="Log in", exact=True).click()
        await page.wait_for_url(lambda url: not url.startswith("https://login.bigcommerce.com/login"))
        state = await context.storage_state()
        await context.close()
        waiting = list(wanted["stores"])

        async def worker() -> None:
            while waiting:
                await made(browser, state, waiting.pop(0))

        await asyncio.gather(*(worker() for _ in range(wanted["parallel"])))
        await browser.close()


async def made(browser: Browser, state: Any, store_hash: str) -> None:
    context = await browser.new_context(
        viewport={"width": 1440, "height": 1000}, locale="en-US", accept_downloads=True, storage_state=state
    )
    page = await context.new_page()
    await page.goto(f"https://store-{store_hash}.mybigcommerce.com/manage", wait_until="commit")
    panel = page.frame_locator("#content-iframe")
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="View storefront").click()
    storefront = await popup.value
    await storefront.wait_for_url("https://*.mybigcommerce.com/**", wait_until="domcontentloaded")
    await storefront.close()
    await page.get_by_role("menuitem", name="Settings").click()
    await panel.get_by_text("Store-level API accounts", exact=True).click()
    await panel.get_by_role("button", name="Create API account", exact=True).click()
    await panel.get_by_label("Name", exact=True).fill("bare")
    for scope in SCOPES:
        block = panel.get_by_text(scope, exact=True).locator("xpath=ancestor::*[.//button][1]")
        await block.get_by_role("switch", name="manage").click()
    async with page.expect_download() as download:
        await panel.get_by_role("button", name="Save", exact=True).click()
    path = Path(await (await download.value).path())
    text = path.read_text()
    path.unlink()
    window = panel.get_by_role("dialog")
    token = await window.get_by_label("Access token").input_value()
    await window.get_by_role("button", name="Done").click()
    await context.close()
    assert token in text


asyncio.run(main(json.load(sys.stdin)))
