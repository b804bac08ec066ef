"""The page of administrators and what the task pane stores, in a real browser."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from identities import CLIENT, make_app, token
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import select
from taskpane_site import BookModel, ask, launch, open_excel
from taskpane_site import serving as serving_app

from server.app import create_app
from server.config import Config
from server.identity.who import Identity, Role
from server.service import KEY
from server.store import Store, keys
from server.store.decisions import Decided, record
from server.store.library import Named, save
from server.store.models import Decision

MSAL = Path(__file__).parent / "fixtures" / "msal.js"
WHO = Identity("someone", "", Role.ADMIN, frozenset(("admin",)), "local")
RULE = {"condition": "GreaterThan(c[6], 500)", "target": "cells", "stop_if_true": False}
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def page(browser):
    """A fresh page; nothing may be said on its console but what a test expects."""
    context = browser.new_context(reduced_motion="reduce")
    found = context.new_page()
    found.set_default_timeout(20_000)
    found.said = []
    found.on("console", lambda message: found.said.append(message.text))
    found.on("pageerror", lambda error: found.said.append(str(error)))
    yield found
    context.close()
    assert found.said == []


@pytest.fixture
def url(tmp_path):
    """The URL of a database of this test."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@contextmanager
def serving(**settings):
    """The address of the task pane while a service of these settings runs."""
    app = create_app(Config.load({}, **settings), BookModel())
    with serving_app(app) as address:
        yield address
    own = app.extensions[KEY]
    assert own.journal.flush(20)
    own.store.engine.dispose()


def fill(url):
    """A store with a decision of each kind, a rule and a key; the text of the key."""
    store = Store(url)
    with store.begin() as session:
        for number, accepted in enumerate((True, False)):
            text = "amounts over 500 in green"
            record(session, WHO, Decided(str(number), accepted, 1, (RULE,), request=text))
        save(session, WHO, Named("Large orders", (RULE,), "Over 500."))
        text, _ = keys.create(session, WHO, "nightly", Role.ADMIN, frozenset(("admin", "library")))
    store.engine.dispose()
    return text


def faults(page):
    """What axe finds."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def admin(address):
    """The address of the page of administrators."""
    return address.replace("/taskpane/", "/admin/")


def button(page, name):
    """The first button of a name."""
    return page.get_by_role("button", name=name, exact=True).first


@pytest.mark.parametrize("look", ["light", "dark"])
def test_everything_is_shown_and_nobody_is_shut_out(page, url, look):
    """Usage, rejected requests, library, keys and audit; axe finds nothing."""
    page.emulate_media(color_scheme=look)
    with serving(database_url=url, keep_requests=True) as address:
        fill(url)
        page.goto(admin(address))
        expect(page.locator("html[data-ready]")).to_be_attached()
        expect(page.locator("#totals")).to_contain_text("accepted50 %")
        expect(page.locator("#chart rect")).to_have_count(60)
        expect(page.locator("#rejected tbody tr")).to_have_text("amounts over 500 in green11")
        expect(page.locator("#library")).to_contain_text("GreaterThan(c[6], 500)")
        expect(page.locator("#keys")).to_contain_text("nightly")
        expect(page.locator("#audit")).to_contain_text("library.save")
        expect(page.locator("html")).to_have_attribute("data-theme", look)
        page.get_by_text("Figures of each day").first.click()
        assert faults(page) == []


def test_what_is_removed_is_asked_for_first(page, url):
    """A no changes nothing; a yes removes, revokes and erases, and the audit says so."""
    with serving(database_url=url) as address:
        fill(url)
        page.goto(admin(address))
        button(page, "Remove Large orders").click()
        assert faults(page) == []
        button(page, "No").click()
        expect(page.locator("#library")).to_contain_text("Large orders")
        button(page, "Remove Large orders").click()
        button(page, "Yes").click()
        expect(page.get_by_role("status")).to_have_text("Removed: Large orders.")
        button(page, "Revoke nightly").click()
        button(page, "Yes").click()
        expect(page.get_by_role("status")).to_have_text("Revoked: nightly.")
        page.get_by_label("Object id").fill("someone")
        button(page, "Erase…").click()
        button(page, "Yes").click()
        expect(page.get_by_role("status")).to_have_text("Erased.")
        expect(page.locator("#audit tbody tr").first).to_contain_text("person.erase")


def test_a_key_is_made_and_shown_once(page, url):
    """Its text is on the page until that is left."""
    with serving(database_url=url) as address:
        page.goto(admin(address))
        page.get_by_label("Name").fill("weekly")
        button(page, "Make a key").click()
        assert page.locator("#made code").text_content().startswith("cf_")
        page.reload()
        expect(page.locator("#keys")).to_contain_text("weekly")
        expect(page.locator("#made")).to_be_hidden()


def test_a_person_is_exported(page, url):
    """As a file of JSON."""
    with serving(database_url=url) as address:
        fill(url)
        page.goto(admin(address))
        page.get_by_label("Object id").fill("someone")
        with page.expect_download() as found:
            button(page, "Export").click()
        kept = json.loads(Path(found.value.path()).read_text())
        expect(page.get_by_role("status")).to_have_text("Exported: 2 decisions, 0 suggestions.")
        assert [len(kept["decisions"]), len(kept["library"])] == [2, 1]


def test_without_a_key_nothing_is_shown(page, url):
    """Where people sign in, the page asks for a key and takes the right one alone."""
    with serving(database_url=url, api_keys=True) as address:
        text = fill(url)
        page.goto(admin(address))
        expect(page.locator("#key")).to_be_focused()
        assert faults(page) == []
        page.locator("#key").fill("cf_wrong")
        button(page, "Sign in").click()
        expect(page.locator("#problem")).to_contain_text("API key")
        page.locator("#key").fill(text)
        button(page, "Sign in").click()
        expect(page.locator("#library")).to_contain_text("Large orders")
        expect(page.locator("#key")).to_have_value("")
    page.said = [each for each in page.said if "401" not in each]


def test_administrators_sign_in_with_their_account(page, tmp_path):
    """By the same sign-in as in the task pane; a user's account is refused."""
    more = {"host": "127.0.0.1", "client_id": CLIENT, "msal_url": str(MSAL)}
    chief = token(roles=["CellFusion.Admin"])
    answers = {"silent": [None, token(), *[chief] * 20], "popup": [token(), chief], "log": []}
    page.add_init_script(f"window.__msal = {json.dumps(answers)};")
    with serving_app(make_app(tmp_path, BookModel(), **more)) as address:
        page.goto(admin(address))
        button(page, "Sign in with your account").click()
        expect(page.locator("#problem")).to_contain_text("role")
        assert faults(page) == []
        button(page, "Sign in with your account").click()
        expect(page.locator("#chart rect")).to_have_count(60)
        expect(page.locator("#door")).to_be_hidden()
    page.said = [each for each in page.said if "403" not in each]


def decided(url):
    """The decisions of a store, the oldest first: accepted, rank and reason."""
    store = Store(url)
    with store.read() as session:
        found = session.scalars(select(Decision).order_by(Decision.at)).all()
    store.engine.dispose()
    return [(each.accepted, each.rank, each.reason) for each in found]


def sent(page):
    """Wait until a decision is answered."""
    return page.expect_response(lambda answer: answer.url.endswith("/decisions"))


def test_the_pane_tells_what_people_decide(page, url):
    """Applied is accepted; undone and none of these is rejected."""
    with serving(database_url=url) as address:
        open_excel(page, address)
        ask(page, "amounts over 500 in green")
        with sent(page):
            button(page, "Apply").click()
        with sent(page):
            button(page, "Undo").click()
        ask(page, "amounts over 500 in green")
        with sent(page):
            button(page, "None of these").click()
        expect(page.get_by_role("status")).to_have_text("Say it in other words.")
        assert decided(url) == [(True, 1, None), (False, 1, "undone"), (False, 1, "dismissed")]


def test_decisions_wait_while_the_store_is_away(page, url):
    """What the server cannot take is sent again until it can."""
    with serving(database_url=url) as address:
        tries = []

        def refuse(route):
            tries.append(route.request.post_data_json["id"])
            if len(tries) > 1:
                return route.continue_()
            body = json.dumps({"code": "store", "status": 503, "detail": ""})
            return route.fulfill(status=503, body=body, content_type="application/problem+json")

        page.route("**/decisions", refuse)
        open_excel(page, address)
        ask(page, "amounts over 500 in green")
        with page.expect_response(lambda each: each.url.endswith("/decisions") and each.ok):
            button(page, "Apply").click()
        assert tries[0] == tries[1]
        assert decided(url) == [(True, 1, None)]
    page.said = [each for each in page.said if "503" not in each]


def test_rules_go_into_the_library_and_come_back(page, url):
    """An applied rule is saved under a name; from the list it is a reading like any other."""
    with serving(database_url=url) as address:
        open_excel(page, address)
        ask(page, "amounts over 500 in green")
        button(page, "Apply").click()
        page.get_by_label("Save this rule").fill("Large orders")
        button(page, "Save").click()
        expect(page.get_by_role("status")).to_have_text(
            "Saved in the library: Large orders, version 1."
        )
        page.get_by_text("Library of your organisation").click()
        assert faults(page) == []
        button(page, "Show Large orders").click()
        card = page.locator("#cards .card")
        expect(card).to_have_count(1)
        expect(card.get_by_role("heading")).to_have_text("Amount is more than 500")
        expect(card).to_contain_text("15 cells of G2:G61")
