"""Every page of the air as everybody who uses it: charts are drawn, nothing is refused by the policy, what is invented says
so, paper keeps what counts, and the first thing that the Tab key reaches can be seen. New pages are tried by themselves."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from tests.browser.looks import focus_is_seen, no_overflow
from tests.routes import World, all_routes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MARK = {"zh-hans": ("演示", "合成", "虚构"), "en": ("ynthetic", "nvented")}
WATCH = (
    "window.refused = []; document.addEventListener('securitypolicyviolation', e => refused.push(e.violatedDirective))"
)


@pytest.fixture
def world(air, ledger):
    return World(*ledger)


def pages(world, person: str) -> list[str]:
    """Return the addresses of the air's pages that a person may open."""
    client = Client()
    client.force_login(world.city.people[person], backend="django.contrib.auth.backends.ModelBackend")
    found = []
    for route in all_routes():
        if not route.path.startswith("/air/"):
            continue
        path = world.fill(route.path)
        answer = client.get(path)
        if answer.status_code == 200 and b"<main" in answer.content:  # a page, no part of one
            found.append(path)
    return list(dict.fromkeys(found))


def draw(page) -> int:
    """See that every chart of the page is drawn; return how many there are."""
    charts = page.locator("[data-chart]:has([data-chart-picture])")
    for at in range(charts.count()):
        picture = charts.nth(at).locator("canvas").first
        picture.scroll_into_view_if_needed()
        assert picture.bounding_box()["width"] > 150, page.url
    return charts.count()


@pytest.mark.parametrize(
    ("person", "width", "language"),
    [
        ("office", 1280, "zh-hans"),
        ("dept", 390, "en"),
        ("county", 390, "zh-hans"),
        ("inspector", 1280, "en"),
        ("public", 390, "zh-hans"),
    ],
)
def test_charts_are_drawn_and_say_what_is_invented(world, open_page, person, width, language):
    page = open_page(world.city.people[person], width=width, language=language)
    page.add_init_script(WATCH)
    found, charts = pages(world, person), 0
    assert len(found) >= 8
    for address in found:
        page.goto(address)
        charts += draw(page)
        assert page.evaluate("window.refused") == [], address
        for at in range(page.locator("[data-chart]").count()):
            chart = page.locator("[data-chart]").nth(at)
            # All that there is in these tests was invented, so every picture of it has to say it.
            assert any(word in chart.inner_text() for word in MARK[language]), address
        no_overflow(page)
    assert charts > 8


def test_downloads_of_every_chart_hold_its_table(world, open_page):
    page = open_page(world.city.people["office"])
    client = Client()
    client.force_login(world.city.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    tried = 0
    for address in pages(world, "office"):
        page.goto(address, wait_until="domcontentloaded")
        for at in range(page.locator("[data-chart]").count()):
            chart = page.locator("[data-chart]").nth(at)
            links = chart.locator("a[href*='format=']").evaluate_all("all => all.map(e => e.getAttribute('href'))")
            assert len(links) == 2, address
            for link in links:
                answer = client.get(link if link.startswith("/") else address.split("?")[0] + link)
                assert answer.status_code == 200, (address, link)
                assert "attachment" in answer.headers["Content-Disposition"]
                if "format=csv" in link:
                    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
                    assert len(rows) > 1, (address, link)
                    assert all(any(word in row[-1] for word in MARK["zh-hans"]) for row in rows[1:]), (address, link)
            tried += 1
    assert tried > 8


def test_paper_and_keys(world, page):
    for address in pages(world, "office"):
        page.emulate_media(media="screen")
        page.goto(address)
        page.keyboard.press("Tab")
        assert focus_is_seen(page), f"{address}: where am I?"
        draw(page)
        page.emulate_media(media="print")
        for hidden in (".navbar", ".btn", "form.card"):
            assert page.locator(hidden).locator("visible=true").count() == 0, (address, hidden)
        assert page.locator("main").is_visible()


def test_without_any_data_every_page_says_what_to_do(ledger, open_page, settings, tmp_path):
    """The first day of a city: no store, no hours."""
    settings.LANTIAN_DATA = tmp_path / "empty"
    settings.LANTIAN_DATA.mkdir()
    world = World(*ledger)
    page = open_page(world.city.people["office"])
    for address in pages(world, "office"):
        page.goto(address)
        assert page.locator("main").inner_text().strip()
        no_overflow(page)
