"""The whole path in a real browser, in Turkish and in Arabic, desk included; the rows in the database are checked."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.bootstrap import Content
from bot.referrals.lifecycle import State
from tests.e2e.browser import chromium, visit
from tests.e2e.test_path import KIM, connect
from tests.running import PASSWORD, Running

QUESTIONS = {"tr": "Alman vatandaşı olmak istiyorum, nereye başvurmalıyım?", "ar": "أريد الحصول على الجنسية الألمانية، إلى أين أذهب؟"}
LOCALES = {"tr": "tr-TR", "ar": "ar-SY"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Chat:
    """The widget as a person uses it."""

    def __init__(self, page: Page, content: Content, language: str) -> None:
        self.page, self.content, self.language = page, content, language

    def word(self, key: str, **parameters: object) -> str:
        return self.content.texts(key, self.language, parameters)

    def write(self, text: str) -> None:
        box = self.page.get_by_role("textbox", name=self.word("widget.message_label"))
        box.fill(text)
        box.press("Enter")

    def press(self, title: str) -> None:
        self.page.get_by_role("button", name=title, exact=True).last.click()

    def see(self, text: str) -> None:
        expect(self.page.get_by_text(text).last).to_be_visible()


@pytest.mark.parametrize("language", ["tr", "ar"])
def test_the_whole_path(running: Running, content: Content, browser: Browser, language: str) -> None:
    connect(running, KIM)
    context, page = visit(browser, f"{running.url}/", locale=LOCALES[language])
    chat = Chat(page, content, language)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    chat.see(chat.word("dialogue.greet"))
    chat.write(QUESTIONS[language])
    chat.see(chat.word("profile.ask_municipality"))
    chat.write("Köln")
    chat.see("Ausländeramt Köln – Einbürgerung")
    direction = page.locator("lotse-chat").evaluate("chat => getComputedStyle(chat.shadowRoot.querySelector('.panel')).direction")
    assert direction == ("rtl" if language == "ar" else "ltr")
    chat.press(chat.word("dialogue.menu_steps"))
    chat.press(chat.word("dialogue.menu_done"))
    chat.press(chat.word("dialogue.menu_human"))
    chat.see(chat.word("handover.ask_name"))
    chat.write("Amal")
    chat.press(chat.word("handover.contact_phone"))
    chat.see(chat.word("handover.ask_contact_value_phone"))
    chat.write("0221 4710 999")
    chat.press(chat.word("handover.interpreter_yes"))
    chat.press(chat.word("handover.urgency_today"))
    chat.press(chat.word("handover.use_first_question"))
    page.get_by_role("checkbox", name=chat.word("handover.label_contact")).uncheck()
    assert not _violations(page)
    sheet = page.locator("lotse-chat .card.sheet")
    sheet.get_by_role("button", name=chat.word("handover.send"), exact=True).click()
    chat.see(chat.word("handover.consent_missing"))
    sheet.get_by_role("checkbox", name=chat.word("widget.consent_label")).check()
    sheet.get_by_role("button", name=chat.word("handover.send"), exact=True).click()
    page.locator("lotse-chat .code").wait_for()
    referral = _newest(running)
    assert referral["state"] == State.SUBMITTED
    assert (referral["office"], referral["language"], referral["urgency"]) == (KIM, language, "today")
    assert b"Amal" not in referral["sealed_document"]

    desk_context, desk = visit(browser, f"{running.url}/desk/", locale="de-DE")
    _sign_in(desk)
    desk.get_by_role("link", name=content.texts("topic.citizenship.title", "de")).last.click()
    expect(desk.get_by_text(QUESTIONS[language]).first).to_be_visible()
    assert "4710" not in desk.content(), "the unticked telephone number was sent"
    desk.get_by_role("button", name="Fall übernehmen").click()
    _request_document(desk)
    chat.see(chat.word("case.answer_have"))
    document = content.guidance.documents["reisepass"]
    what = chat.word("case.document_request", document=document.name, explain=chat.word("document.reisepass"))
    chat.see(what.strip("\u2068\u2069")[:20])
    _wait_for(running, State.WAITING_FOR_CLIENT)
    chat.press(chat.word("case.answer_have"))
    _wait_for(running, State.IN_PROGRESS)

    _propose_appointment(desk)
    chat.press(chat.word("case.answer_accept"))
    _wait_for(running, State.APPOINTMENT)
    _write(desk, "Bitte bringen Sie Zeit mit.")
    chat.see("Bitte bringen Sie Zeit mit.")
    chat.see(chat.word("case.free_text"))
    page.reload()
    chat.see("Bitte bringen Sie Zeit mit.")
    _close(desk)
    chat.see(chat.word("case.closed_solved"))
    kinds = _events(running, str(referral["id"]))
    assert kinds == [
        "submitted", "opened", "claimed", "document_requested", "document_answered", "appointment_proposed", "appointment_accepted",
        "message", "closed",
    ]  # fmt: skip
    assert not errors
    context.close()
    desk_context.close()


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("de", "light", 1000), ("ar", "dark", 320), ("uk", "light", 320), ("tr", "dark", 1000)]
)
def test_the_chat_is_accessible(running: Running, content: Content, browser: Browser, language: str, scheme: str, width: int) -> None:
    context, page = visit(
        browser, f"{running.url}/", locale=language, color_scheme=scheme, viewport={"width": width, "height": 800}
    )  # fmt: skip
    chat = Chat(page, content, language)
    chat.see(chat.word("dialogue.greet"))
    chat.press(chat.word("topic.register_address.title"))
    chat.see(chat.word("profile.ask_municipality"))
    chat.write("33602")
    page.locator("lotse-chat .office").first.wait_for()
    assert not _violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_widget_asks_no_other_host_and_sets_no_cookie(running: Running, content: Content, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None)
    page.goto(f"{running.url}/")
    Chat(page, content, "de").see(content.texts("dialogue.greet", "de"))
    assert hosts == {running.url.split("/")[2]}
    assert context.cookies() == []
    context.close()


def _violations(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:200]}" for violation in results.response["violations"]]


def _sign_in(desk: Page) -> None:
    desk.get_by_label("Anmeldename").fill(f"desk-{KIM}")
    desk.get_by_label("Passwort").fill(PASSWORD)
    desk.get_by_role("button", name="Anmelden").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Meine Fälle")


def _block(desk: Page, name: str) -> None:
    summary = desk.locator("summary", has_text=name)
    if summary.locator("xpath=..").get_attribute("open") is None:
        summary.click()


def _request_document(desk: Page) -> None:
    _block(desk, "Papier anfordern")
    desk.get_by_label("Welches Papier?").select_option("reisepass")
    desk.get_by_role("button", name="Papier anfordern").click()


def _propose_appointment(desk: Page) -> None:
    _block(desk, "Termin vorschlagen")
    desk.get_by_label("Tag").fill((date.today() + timedelta(days=9)).isoformat())  # noqa: DTZ011
    desk.get_by_label("Uhrzeit").fill("10:30")
    desk.get_by_label("Ort", exact=True).fill("Zimmer 12")
    desk.get_by_role("button", name="Termin vorschlagen").click()


def _write(desk: Page, text: str) -> None:
    _block(desk, "Nachricht auf Deutsch schreiben")
    desk.get_by_label("Ihre Nachricht").fill(text)
    desk.get_by_role("button", name="Nachricht senden").click()


def _close(desk: Page) -> None:
    _block(desk, "Fall abschließen")
    desk.get_by_label("gelöst").first.check()
    desk.get_by_role("button", name="Fall abschließen").click()


def _newest(running: Running) -> dict[str, object]:
    with sqlite3.connect(running.data / "lotse.sqlite") as database:
        database.row_factory = sqlite3.Row
        return dict(database.execute("SELECT * FROM referrals ORDER BY submitted_at DESC LIMIT 1").fetchone())


def _wait_for(running: Running, state: State) -> None:
    until = time.monotonic() + 15
    while (present := _newest(running)["state"]) != state:
        assert time.monotonic() < until, f"the referral is {present}, not {state}"
        time.sleep(0.1)


def _events(running: Running, referral: str) -> list[str]:
    with sqlite3.connect(running.data / "lotse.sqlite") as database:
        rows = database.execute("SELECT kind FROM referral_events WHERE referral_id = ? ORDER BY id", (referral,))
        return [kind for (kind,) in rows]
