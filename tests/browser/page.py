"""Chromium, and the playground in it as a person meets it: things with names, not selectors."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

PATIENCE = 20.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# What a browser does on its own would be counted as foreign requests.
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
# Answers that refuse (422) are part of the conversation, but Chromium reports them as errors.
REFUSED = "Failed to load resource"


def missing() -> str:
    """What this machine lacks, and where it is to be had; empty if nothing."""
    lacking = []
    if not any(map(shutil.which, BROWSERS)):
        lacking.append("chromium")
    if not shutil.which("chromedriver"):
        lacking.append("chromedriver")
    if not lacking:
        return ""
    return (
        f"make test-browser needs {' and '.join(lacking)}, which cannot be found; "
        "on Debian: apt-get install chromium chromium-driver"
    )


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser without a window and with nothing remembered."""
    options = ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for argument in (*QUIET, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()


class Page:
    """The playground of one service in one browser."""

    def __init__(self, driver: Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    # --- coming and going

    def look(self, width: int = 1400, height: int = 1000, *, dark: bool = False) -> None:
        """Set the size of the window and the theme."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [theme]})

    def open(self, fragment: str = "") -> Page:
        """Load the page anew, with nothing left from before."""
        self.driver.get("about:blank")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(f"{self.url}/{fragment and '#' + fragment}")
        self.settle()
        return self

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait for something to be true."""
        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02).until(
            lambda _: condition()
        )

    def settle(self) -> None:
        """Wait until nothing is asked, and faults of half-typed text would have been shown."""
        idle = (
            "return typeof playground === 'object' && playground.lane.running === null"
            " && playground.lane.waiting.size === 0"
        )
        self.until(lambda: self.run(idle))
        self.pause(400)
        self.until(lambda: self.run(idle))

    def pause(self, milliseconds: int) -> None:
        self.driver.execute_async_script("setTimeout(arguments[1], arguments[0])", milliseconds)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    # --- doing

    def one(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def click(self, css: str) -> None:
        self.one(css).click()

    def keys(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def type(self, text: str) -> None:
        """Replace the function by this text."""
        area = self.one("#text")
        area.send_keys(Keys.CONTROL, "a")
        area.send_keys(text)
        self.settle()

    def paste(self, text: str) -> None:
        """The same for long texts."""
        self.run(
            "const area = document.getElementById('text'); area.value = arguments[0];"
            "area.dispatchEvent(new Event('input', {bubbles: true}))",
            text,
        )
        self.settle()

    def choose(self, name: str) -> None:
        """Take a function of the gallery."""
        Select(self.one("#gallery")).select_by_visible_text(name)
        self.settle()

    def slide(self, name: str, value: float) -> None:
        self.run(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.one(f'[aria-label="slider of {name}"]'),
            value,
        )

    # --- seeing

    def text(self, css: str) -> str:
        """What is written there, with a minus that Python reads."""
        return str(self.one(css).text).replace("−", "-")

    def nodes(self) -> dict[str, str]:
        """What a screen reader says of each value, by its name."""
        found = self.run(
            "return [...document.querySelectorAll('#figure .value')].map(node => [node.dataset.id,"
            " ...[...node.querySelectorAll('.number, .mark')].map(part => part.textContent)])"
        )
        return {
            name: f"data {data}, grad {grad} {mark}".strip().replace("−", "-")
            for name, data, grad, mark in found
        }

    def node(self, name: str) -> None:
        """Click a value."""
        self.run(
            "[...document.querySelectorAll('#figure .value')]"
            ".find(node => node.dataset.id === arguments[0])"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            name,
        )

    def gradients(self) -> dict[str, str]:
        """The gradient beside each input."""
        rows = {row.text.split("\n")[0]: row for row in self.all("#inputs li")}
        return {
            name: row.find_element(By.TAG_NAME, "output").text.replace("−", "-").removeprefix("∂ ")
            for name, row in rows.items()
        }

    def complaints(self) -> list[str]:
        """What the console has to say, but for answers that refuse."""
        entries = self.driver.get_log("browser")
        return [entry["message"] for entry in entries if REFUSED not in entry["message"]]

    def requests(self) -> list[str]:
        """The addresses that were asked since the page was opened."""
        events = (
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        )
        sent = (event for event in events if event["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]
