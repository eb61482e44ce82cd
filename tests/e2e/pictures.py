"""``make pictures``: real screenshots of chat and desk into ``docs/pictures``; look at them after every change of a surface."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from bot.bootstrap import read_content
from bot.settings import PROJECT
from tests.e2e.browser import chromium, visit
from tests.e2e.test_browser import LOCALES, QUESTIONS, Chat
from tests.e2e.test_path import KIM
from tests.running import PASSWORD, Running, start

PICTURES = PROJECT / "docs/pictures"


def main() -> None:
    content = read_content()
    with tempfile.TemporaryDirectory(prefix="lotse-pictures-") as scratch, start(Path(scratch)) as running, chromium() as browser:
        running.add_user("desk", KIM, name="Sabine Muster")
        for language, scheme, width in (
            ("ar", "light", 900),
            ("ar", "dark", 320),
            ("de", "light", 900),
            ("tr", "dark", 900),
            ("uk", "light", 320),
        ):
            context, page = visit(
                browser,
                f"{running.url}/",
                locale=LOCALES.get(language, language),
                color_scheme=scheme,
                viewport={"width": width, "height": 1100},
            )
            chat = Chat(page, content, language)
            _walk(chat, language)
            page.wait_for_timeout(600)
            page.screenshot(path=PICTURES / f"chat-{language}-{scheme}-{width}.png")
            if language == "ar" and width == 900:
                _send_sheet(chat)
            context.close()
        _desk(browser, running)


def _walk(chat: Chat, language: str) -> None:
    chat.see(chat.word("dialogue.greet"))
    chat.write(QUESTIONS.get(language, {"de": "Ich möchte Deutsche werden", "uk": "Хочу отримати німецьке громадянство"}.get(language, "")))
    chat.see(chat.word("profile.ask_municipality"))
    chat.write("Köln")
    chat.see("Ausländeramt Köln – Einbürgerung")
    chat.press(chat.word("dialogue.menu_steps"))
    chat.page.locator("lotse-chat .steps, lotse-chat ol").last.wait_for()


def _send_sheet(chat: Chat) -> None:
    chat.press(chat.word("dialogue.menu_human"))
    chat.write("Amal")
    chat.press(chat.word("handover.contact_here"))
    chat.press(chat.word("handover.interpreter_yes"))
    chat.press(chat.word("handover.urgency_week"))
    chat.press(chat.word("handover.use_first_question"))
    sheet = chat.page.locator("lotse-chat .card.sheet")
    sheet.wait_for()
    chat.page.wait_for_timeout(600)
    chat.page.screenshot(path=PICTURES / "sheet-ar.png")
    sheet.get_by_role("checkbox", name=chat.word("widget.consent_label")).check()
    sheet.get_by_role("button", name=chat.word("handover.send"), exact=True).click()
    chat.page.locator("lotse-chat .code").wait_for()
    chat.page.wait_for_timeout(600)
    chat.page.screenshot(path=PICTURES / "sent-ar.png")


def _desk(browser: Browser, running: Running) -> None:
    for scheme, width in (("light", 1100), ("dark", 1100), ("light", 320)):
        context, desk = visit(
            browser, f"{running.url}/desk/", locale="de-DE", color_scheme=scheme, viewport={"width": width, "height": 1000}
        )
        desk.get_by_label("Anmeldename").fill("desk")
        desk.get_by_label("Passwort").fill(PASSWORD)
        desk.get_by_role("button", name="Anmelden").click()
        desk.get_by_role("link", name="Deutsche werden").wait_for()
        _picture(desk, f"desk-queue-{scheme}-{width}.png")
        desk.get_by_role("link", name="Deutsche werden").click()
        claim = desk.get_by_role("button", name="Fall übernehmen")
        if claim.count():
            claim.click()
        _picture(desk, f"desk-case-{scheme}-{width}.png")
        context.close()


def _picture(desk: Page, name: str) -> None:
    desk.wait_for_timeout(300)
    desk.screenshot(path=PICTURES / name, full_page=True)


if __name__ == "__main__":
    main()
