"""A real browser on a real server: `page` and `phone` fail the test on any error in the console, any fault of a
script and any request to another host."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lantian.city import clock

# Playwright's own loop runs in this thread; Django would take every query for one inside an event loop.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
DIST = Path(__file__).parents[2] / "lantian" / "web" / "static" / "dist" / "app.js"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    if not CHROMIUM or not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here: install it, or say where it is with CHROMIUM=/path/to/chromium")
    if not DIST.exists():
        pytest.skip("the front end is not built: make frontend")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Watch:
    """What a page did that it must not do."""

    def __init__(self, page: object, host: str) -> None:
        self.faults: list[str] = []
        page.on("console", lambda m: m.type == "error" and self._console(m))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))  # type: ignore[attr-defined]
        page.on("request", lambda r: self._request(r.url, host))  # type: ignore[attr-defined]

    def _console(self, message: object) -> None:
        # A refusal (4xx) is an answer that the page shows; the browser and htmx report it as an error as well.
        text = message.text  # type: ignore[attr-defined]
        if "the server responded with a status of 4" not in text and "Response Status Error Code 4" not in text:
            self.faults.append(f"console: {text}")

    def _request(self, url: str, host: str) -> None:
        if url.startswith("http") and urlsplit(url).netloc != host:
            self.faults.append(f"request to another host: {url}")


@pytest.fixture
def open_page(browser, live_server) -> Iterator[Callable[..., object]]:
    """Return a function (user, width, height, language) -> page, logged in as the user."""
    from django.conf import settings
    from django.test import Client

    host = urlsplit(live_server.url).netloc
    watches: list[Watch] = []
    contexts = []

    def _open(user=None, *, width=1280, height=900, language="zh-hans"):
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=live_server.url)
        contexts.append(context)
        cookies = {"lantian_language": language}
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(10_000)
        watches.append(Watch(page, host))
        return page

    yield _open
    for context in contexts:
        context.close()
    faults = [fault for watch in watches for fault in watch.faults]
    assert not faults, faults


@pytest.fixture
def page(open_page, city):
    """A desktop page of the office."""
    return open_page(city.people["office"])


@pytest.fixture
def phone(open_page, city):
    """A phone of the office."""
    return open_page(city.people["office"], width=390, height=844)


@pytest.fixture
def june(monkeypatch):
    """It is 2020-06-20, 9 o'clock, for the test and for the server."""
    moment = dt.datetime.fromisoformat("2020-06-20T09:00:00+08:00")
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment
