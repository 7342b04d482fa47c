"""Chromium as people use it who have no mouse, with scripts switched off."""

import itertools
import json
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from websockets.sync.client import connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
KEYS = {
    "Tab": {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
    "Space": {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32, "text": " "},
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
}


class Browser:
    """One tab, driven by the DevTools protocol."""

    def __init__(self, profile):
        self._profile = Path(profile)
        self._numbers = itertools.count(1)
        self._open = ExitStack()
        self.events = []

    def __enter__(self):
        self.process = subprocess.Popen(
            [
                CHROMIUM,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={self._profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = self._port()
        tabs = httpx.get(f"http://127.0.0.1:{port}/json", timeout=30).json()
        address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        self._socket = self._open.enter_context(connect(address, max_size=None))
        for domain in ("Page", "Log", "Accessibility", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScriptExecutionDisabled", value=True)
        self.call("Emulation.setDeviceMetricsOverride", **PHONE)
        return self

    def __exit__(self, *_):
        self._open.close()
        self.process.terminate()
        self.process.wait(timeout=30)

    def call(self, method, **parameters):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(timeout=30))
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]
            self.events.append(said)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self):
        """Wait until the page that is on its way has come."""
        while not any(one["method"] == "Page.loadEventFired" for one in self.events):
            self.events.append(json.loads(self._socket.recv(timeout=30)))
        self.events = [one for one in self.events if one["method"] != "Page.loadEventFired"]

    def press(self, *keys):
        for key in keys:
            self.call("Input.dispatchKeyEvent", type="keyDown", **KEYS[key])
            self.call("Input.dispatchKeyEvent", type="keyUp", **KEYS[key])

    def nodes(self, role):
        """What assistive technology finds of a role: name, checked, focused, disabled."""
        tree = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            {"name": node.get("name", {}).get("value", "")}
            | {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
            for node in tree
            if node.get("role", {}).get("value") == role and not node["ignored"]
        ]

    def complaints(self):
        return [one["params"] for one in self.events if one["method"] == "Log.entryAdded"]

    def width(self):
        return self.call("Page.getLayoutMetrics")["cssContentSize"]["width"]

    def _port(self):
        file = self._profile / "DevToolsActivePort"
        deadline = time.monotonic() + 60
        while not (file.exists() and file.read_text().count("\n")):
            assert time.monotonic() < deadline, "chromium does not start"
            time.sleep(0.05)
        return int(file.read_text().splitlines()[0])
