"""A page in a real headless Chromium, driven by the DevTools protocol: its errors, its requests, its pictures."""

import asyncio
import base64
import json
import shutil
import subprocess
import time
from pathlib import Path

from tornado.websocket import websocket_connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]


class Page:
    """An open page. ``errors`` are its exceptions and console errors, ``requests`` the addresses it asked for."""

    def __init__(self, socket, width: int, height: int):
        self.socket = socket
        self.size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.errors, self.requests = [], []
        self._number = 0

    async def send(self, method: str, **params):
        """Send one command; return its result, noting every event on the way."""
        self._number += 1
        await self.socket.write_message(json.dumps({"id": self._number, "method": method, "params": params}))
        number = self._number
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.read_message(), 240))
            self._note(message.get("method"), message.get("params", {}))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def _note(self, event, params) -> None:
        if event == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"].get("exception", {}).get("description", str(params)))
        elif event == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.errors.append(str([argument.get("value", argument) for argument in params["args"]]))
        elif event == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        elif event == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    async def open(self, url: str) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.send(f"{domain}.enable")
        await self.send("Emulation.setDeviceMetricsOverride", **self.size)
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def evaluate(self, expression: str):
        """Return the value of a JavaScript expression."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str, seconds: float = 240.0) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while not await self.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            await asyncio.sleep(0.05)

    async def click(self, text: str) -> None:
        """Click the first link or button whose text is ``text``."""
        find = f"[...document.querySelectorAll('a, button')].find(e => e.textContent.trim() === {json.dumps(text)})"
        await self.until(f"{find} !== undefined")
        await self.evaluate(f"{find}.click()")

    async def screenshot(self, path: Path) -> None:
        picture = await self.send("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(picture["data"]))


def with_page(url: str, folder: Path, visit, width: int = 1400, height: int = 1000):
    """Open ``url`` in a Chromium whose profile is in ``folder``; return what the coroutine ``visit(page)`` returns."""
    profile = folder / "profile"
    command = [CHROMIUM, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return asyncio.run(_visit(url, profile / "DevToolsActivePort", visit, width, height))
    finally:
        process.terminate()
        process.wait(120)


async def _visit(url, port_file: Path, visit, width: int, height: int):
    end = time.monotonic() + 240
    while not port_file.exists() or len(port_file.read_text().splitlines()) < 2:
        assert time.monotonic() < end, "Chromium did not start"
        await asyncio.sleep(0.1)
    port, path = port_file.read_text().splitlines()
    browser = await websocket_connect(f"ws://127.0.0.1:{port}{path}", max_message_size=2**28)
    target = (await Page(browser, 0, 0).send("Target.createTarget", url="about:blank"))["targetId"]
    socket = await websocket_connect(f"ws://127.0.0.1:{port}/devtools/page/{target}", max_message_size=2**28)
    page = Page(socket, width, height)
    await page.open(url)
    return await visit(page)
