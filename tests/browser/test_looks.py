"""Every page that a person can open, on a phone and on a desk: no sideways scrolling, no word that is hard to read."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.browser.looks import hard_to_read, overflow
from tests.routes import World, all_routes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(air, ledger):
    """Records of every kind, and air to be looked at."""
    return World(*ledger)


def pages(world, person: str) -> list[str]:
    """Return the addresses that answer this person's GET with a page (not a file, not a redirection)."""
    client = Client()
    client.force_login(world.city.people[person], backend="django.contrib.auth.backends.ModelBackend")
    found = []
    for route in all_routes():
        if route.path.startswith("/api/v1/") and route.path != "/api/v1/docs":
            continue
        path = world.fill(route.path)
        answer = client.get(path)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found.append(path)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("person", "width", "language"),
    [("office", 390, "en"), ("office", 1280, "zh-hans"), ("county", 390, "zh-hans"), ("admin", 390, "en")],
)  # fmt: skip
def test_every_page_fits_and_reads(world, open_page, person, width, language):
    page = open_page(world.city.people[person], width=width, language=language)
    addresses = pages(world, person)
    assert len(addresses) > 8
    faults = []
    for address in addresses:
        page.goto(address, wait_until="domcontentloaded")
        if overflow(page) > 0:
            faults.append(f"{address}: wider than the window by {overflow(page)} px")
        faults += [f"{address}: {words}" for words in hard_to_read(page)]
    assert not faults, "\n".join(faults)


def test_the_wall_screen_reads(world, page):
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/?wall=1")
        assert overflow(page) <= 0
        assert hard_to_read(page) == []
        assert page.locator("nav, .navbar").locator("visible=true").count() == 0
    page.get_by_role("link", name="退出大屏").click()
    page.get_by_role("link", name="我的工作").wait_for()


def test_the_print_style_leaves_out_what_paper_cannot_use(world, page):
    page.emulate_media(media="print")
    for address in ("/", "/plan/", f"/plan/measures/{world.first.measure_id}/", f"/assignments/{world.first.pk}/",
                    f"/rounds/{world.round.pk}/", f"/bulletins/{world.bulletin.pk}/", "/baseline/"):  # fmt: skip
        page.goto(address)
        for hidden in (".navbar", ".btn", "form.card"):
            assert page.locator(hidden).locator("visible=true").count() == 0, (address, hidden)
        assert page.locator("main").is_visible()


def test_paper_keeps_the_heads_of_tables(world, page):
    """A sheet of A4 is as narrow as a phone, but its tables stay tables."""
    page.set_viewport_size({"width": 700, "height": 1000})
    page.goto(f"/rounds/{world.round.pk}/")
    assert not page.locator("table.lt-stack-phone thead").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator("table.lt-stack-phone thead").first.is_visible()
