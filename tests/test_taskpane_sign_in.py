"""Signing in from the pane, in a real browser before the real service; MSAL.js is a stub."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from identities import CLIENT, TENANT, make_app, token
from playwright.sync_api import expect, sync_playwright
from taskpane_site import PANE, BookModel, ask, launch, open_excel, serving

MSAL = Path(__file__).parent / "fixtures" / "msal.js"
SCOPE = [f"api://{CLIENT}/access_as_user"]
GOOD = token()
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a pane whose people sign in."""
    folder = tmp_path_factory.mktemp("sign-in")
    more = {"host": "127.0.0.1", "client_id": CLIENT, "msal_url": str(MSAL)}
    with serving(make_app(folder, BookModel(), **more)) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def page(browser):
    """A fresh page; only what a refused request says may be on its console."""
    context = browser.new_context(viewport=PANE, reduced_motion="reduce")
    found = context.new_page()
    found.set_default_timeout(20_000)
    said = []
    found.on("console", lambda message: said.append(message.text))
    found.on("pageerror", lambda error: said.append(str(error)))
    yield found
    context.close()
    assert [text for text in said if "401" not in text and "403" not in text] == []


def opened(page, site, silent, popup=(None,)) -> None:
    """Open the pane with what MSAL.js is to answer."""
    answers = {"silent": list(silent), "popup": list(popup), "log": []}
    page.add_init_script(f"window.__msal = {json.dumps(answers)};")
    open_excel(page, site)
    expect(page.locator("html")).to_have_attribute("data-ready", "Excel")


def log(page) -> list[list[object]]:
    """What MSAL.js was asked."""
    return page.evaluate("__msal.log")


def readings(page):
    """Wait until a request was answered."""
    ask(page, "amounts over 500 in green")
    expect(page.get_by_role("status")).to_have_text("4 readings in A2:H61.")


def test_a_token_is_sent_without_asking(page, site) -> None:
    """Excel knows the person, so nobody sees a sign-in; the account is remembered for later."""
    sent = []
    page.on("request", lambda each: sent.append((each.url, each.headers.get("authorization"))))
    opened(page, site, [GOOD])
    readings(page)
    readings(page)
    assert log(page) == [
        ["create", CLIENT, f"https://login.microsoftonline.com/{TENANT}", f"{site}signed-in.html"],
        ["silent", SCOPE, False, None],
        ["silent", SCOPE, False, "ada@example.org"],
    ]
    assert {header for url, header in sent if "/api/v1/suggest" in url} == {f"Bearer {GOOD}"}
    assert {header for url, header in sent if "/suggest" not in url} == {None}
    stored = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert GOOD not in stored


def test_a_refused_token_is_renewed_once(page, site) -> None:
    """One that has ended meanwhile is replaced without a word."""
    opened(page, site, [token(exp=int(time.time()) - 600), GOOD])
    readings(page)
    assert [call[2] for call in log(page)[1:]] == [False, True]
    assert page.locator("#problem button").count() == 0


def test_a_button_signs_in(page, site) -> None:
    """Where Excel cannot say who it is, a message and a button do; the sentence is kept."""
    opened(page, site, [None, GOOD], [GOOD])
    ask(page, "amounts over 500 in green")
    expect(page.get_by_role("alert")).to_contain_text("Sign in to use CellFusion.")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed in.")
    assert page.locator("#problem").inner_text() == ""
    expect(page.locator("#utterance")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("4 readings in A2:H61.")
    assert [call[0] for call in log(page)] == ["create", "silent", "popup", "silent"]


def test_a_sign_in_that_fails_is_told(page, site) -> None:
    """A window that was closed, or an account that is refused again and again, ends in words."""
    opened(page, site, [None], [None])
    ask(page, "amounts over 500 in green")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("You are not signed in.")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_token_that_stays_refused_asks_to_sign_in(page, site) -> None:
    """After one renewal the pane asks the person, and asks the server no third time."""
    sent = []
    page.on("request", lambda each: sent.append(each.url))
    opened(page, site, [token(aud="another")])
    ask(page, "amounts over 500 in green")
    expect(page.get_by_role("alert")).to_contain_text("Sign in to go on.")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert len([url for url in sent if "/api/v1/suggest" in url]) == 2


def test_those_who_may_not_are_told_why(page, site) -> None:
    """Signing in again would not help, so it is not offered."""
    opened(page, site, [token(scp="User.Read")])
    ask(page, "amounts over 500 in green")
    expect(page.get_by_role("alert")).to_contain_text("lacks the scope access_as_user")
    assert page.get_by_role("button", name="Sign in").count() == 0


def test_the_policy_of_content_names_who_signs_in(tmp_path) -> None:
    """The authority may be talked to, and MSAL.js of another origin may run; nobody else."""
    more = {"client_id": CLIENT, "msal_url": "https://scripts.example.org/msal.js"}
    answer = make_app(tmp_path, **more).test_client().get("/api/v1/session").get_json()
    assert answer["sign_in"]["msal"] == "https://scripts.example.org/msal.js"
    with make_app(tmp_path, **more).test_client().get("/taskpane/") as page:
        policy = dict(
            part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; ")
        )
    assert policy["script-src"].endswith(" https://scripts.example.org")
    assert policy["connect-src"] == "'self' https://login.microsoftonline.com"
    assert policy["frame-src"].endswith(" https://login.microsoftonline.com")
