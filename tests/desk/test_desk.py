"""The desk through its pages: signing in, the queue, a case, the building blocks, and who may see and do what."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.desk.accounts import Accounts
from bot.desk.site import DeskParts, desk_app
from bot.guidance.load import Guidance, load_guidance
from bot.i18n.catalogs import Texts
from bot.i18n.source import source_texts
from bot.referrals.document import Addressee, Client, Consent, Place, Referral
from bot.referrals.lifecycle import EventKind, State
from bot.referrals.repository import Case, Referrals, Retention
from bot.referrals.sheet import Contact, Urgency
from bot.settings import PROJECT, Settings
from bot.storage.database import Database
from bot.storage.tables import AuditRow, Base
from bot.storage.vault import Vault

FOREIGNERS = "koeln-auslaenderbehoerde"
CITIZENS = "koeln-buergeramt-nippes"
PASSWORD = "lange genug für alle"
NOON = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
QUESTION = "هل يمكنني تمديد إقامتي؟ <script>alert(1)</script>"


# --- a desk to test: real database, real accounts, real content


@dataclass
class FakeClock:
    """A clock that moves when told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A running desk and the database behind it."""

    database: Database
    accounts: Accounts
    referrals: Referrals
    texts: Texts
    clock: FakeClock
    app: Starlette
    loop: asyncio.Runner
    #: whether an exception is answered as in production, instead of ending the test
    may_fail: bool = False

    def visitor(self, address: str = "203.0.113.7", base: str = "http://desk.example.org") -> Browser:
        return Browser(httpx.ASGITransport(self.app, client=(address, 50000), raise_app_exceptions=not self.may_fail), base, self.loop)

    def signed_in(self, login: str) -> Browser:
        browser = self.visitor()
        answer = browser.sign_in(login)
        assert answer.status_code == 303
        return browser

    def send_sheet(self, office: str = FOREIGNERS, spoken: str = "ar", **given: Any) -> Case:
        """A person sends their sheet."""
        case, _ = self.referrals.submit(1, secrets.token_hex(16), referral(office, spoken, self.clock.now, **given), spoken)
        return case

    def kinds(self, case: Case) -> list[EventKind]:
        return [event.kind for event in self.referrals.events(case.id)]

    def reads(self, case: Case) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).where(AuditRow.referral_id == case.id, AuditRow.action == "read")) or 0


def referral(
    office: str, spoken: str, now: datetime, *, question: str | None = QUESTION, urgency: Urgency | None = Urgency.TODAY, **client: Any
) -> Referral:
    known: dict[str, Any] = {
        "name": "Amal",
        "contact": Contact.PHONE,
        "contact_value": "0221 4710 999",
        "language": spoken,
        "interpreter": True,
    }
    consent = Consent(
        text="أوافق",
        text_de="Ich bin einverstanden.",
        language=spoken,
        given_at=now,
        recipient="Ausländeramt Köln",
        purpose="Aufenthaltstitel",
        expires_on=(now + timedelta(days=90)).date(),
        foreigners_office_text="نعم",
    )
    return Referral(
        id=secrets.token_hex(16),
        client=Client(**(known | client)),
        place=Place(ags="05315000", name="Köln"),
        topic="residence_permit",
        topic_title="Aufenthaltstitel",
        office=Addressee(id=office, role="auslaenderbehoerde", name="Ausländeramt Köln"),
        urgency=urgency,
        facts={"age": "27-65", "status": "residence_permit"},
        question=question,
        summary_de="Thema: Aufenthaltstitel\nOrt: Köln",
        consent=consent,
        submitted_at=now,
    )


@pytest.fixture(scope="session")
def guidance() -> Guidance:
    return load_guidance(PROJECT)


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Petra Klein and Jonas Weber work at the foreigners' office, Mia Sommer at the citizens' office. Made once: hashing is slow."""
    path = tmp_path_factory.mktemp("staffed") / "desk.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    accounts = Accounts(database, timedelta(hours=10), FakeClock())
    for login, name, office in (
        ("petra", "Petra Klein", FOREIGNERS),
        ("jonas", "Jonas Weber", FOREIGNERS),
        ("mia", "Mia Sommer", CITIZENS),
    ):
        accounts.add(login, name, PASSWORD, [office])
    database.close()
    return path


@pytest.fixture
def desk(tmp_path: Path, staffed: Path, guidance: Guidance, loop: asyncio.Runner) -> Iterator[Desk]:
    shutil.copy(staffed, tmp_path)
    made = build_desk(tmp_path / staffed.name, guidance, loop)
    yield made
    made.database.close()


def build_desk(path: Path, guidance: Guidance, loop: asyncio.Runner, public_url: str = "") -> Desk:
    clock, database = FakeClock(), Database(f"sqlite:///{path}")
    accounts = Accounts(database, timedelta(hours=10), clock)
    retention = Retention(timedelta(hours=24), timedelta(days=90), timedelta(days=30))
    referrals = Referrals(database, Vault([Fernet.generate_key().decode()]), retention, clock)
    texts = Texts.load(PROJECT / "locales", source_texts(PROJECT, guidance))
    parts = DeskParts(accounts, referrals, guidance, texts, Settings(data=path.parent, public_url=public_url), clock)
    app = Starlette(routes=[Mount("/desk", desk_app(parts))])
    return Desk(database, accounts, referrals, texts, clock, app, loop)


# --- a browser without JavaScript


@dataclass
class Forms(HTMLParser):
    """Collects the forms of a page: action → field → value as it would be sent."""

    found: dict[str, dict[str, str]] = field(default_factory=dict)
    _fields: dict[str, str] = field(default_factory=dict)
    _area: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._fields = self.found[given.get("action") or ""] = {}
        elif tag == "input" and given.get("type") not in ("radio", "submit") and name:
            self._fields[name] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            self._fields[name] = ""
        elif tag == "option" and "selected" in given:
            self._fields["document"] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._fields[self._area] += data


def forms(page: httpx.Response) -> dict[str, dict[str, str]]:
    parser = Forms()
    parser.feed(page.text)
    return parser.found


class Browser:
    """Keeps cookies, fills in forms, does not follow redirects by itself."""

    def __init__(self, transport: httpx.ASGITransport, base: str, loop: asyncio.Runner) -> None:
        self.client = httpx.AsyncClient(transport=transport, base_url=base)
        self._loop = loop

    def get(self, path: str) -> httpx.Response:
        return self._loop.run(self.client.get(path))

    def post(self, path: str, data: dict[str, str]) -> httpx.Response:
        return self._loop.run(self.client.post(path, data=data))

    def post_at_once(self, others: list[Browser], path: str, data: list[dict[str, str]]) -> list[httpx.Response]:
        """The same address from several browsers at the same moment."""

        async def together() -> list[httpx.Response]:
            clients = [self.client, *(other.client for other in others)]
            return await asyncio.gather(*(client.post(path, data=fields) for client, fields in zip(clients, data, strict=True)))

        return self._loop.run(together())

    def sign_in(self, login: str, password: str = PASSWORD, path: str = "/desk/sign-in") -> httpx.Response:
        return self.submit(self.get(path), "/desk/sign-in", login=login, password=password)

    def submit(self, page: httpx.Response, action: str, **typed: str) -> httpx.Response:
        return self.post(action, forms(page)[action] | typed)

    def claim(self, case: Case) -> None:
        answer = self.submit(self.get(f"/desk/cases/{case.id}"), f"/desk/cases/{case.id}/claim")
        assert answer.status_code == 303

    def answer(self, case: Case, block: str, **typed: str) -> httpx.Response:
        """Open the case, fill in one form, send it."""
        return self.submit(self.get(f"/desk/cases/{case.id}"), f"/desk/cases/{case.id}/{block}", **typed)


ANSWERS = {
    "document": {"document": "reisepass"},
    "appointment": {"date": "2027-03-24", "time": "14:30", "place": "Zimmer 12"},
    "message": {"text": "Bitte rufen Sie uns an."},
    "close": {"outcome": "solved"},
}


# --- signing in


def test_unknown_name_wrong_password_and_locked_account_look_the_same(desk: Desk) -> None:
    unknown = desk.visitor().sign_in("niemand")
    wrong = desk.visitor().sign_in("petra", "falsches Passwort")
    for _ in range(4):
        desk.visitor().sign_in("petra", "falsches Passwort")
    locked = desk.visitor().sign_in("petra")
    assert {unknown.status_code, wrong.status_code, locked.status_code} == {401}
    assert len({_without_what_varies(page) for page in (unknown, wrong, locked)}) == 1


def _without_what_varies(page: httpx.Response) -> str:
    return re.sub(r'value="[^"]*"', "", page.text)


def test_a_locked_account_opens_again_after_a_quarter_of_an_hour(desk: Desk) -> None:
    for _ in range(5):
        desk.visitor().sign_in("petra", "falsches Passwort")
    assert desk.visitor().sign_in("petra").status_code == 401
    desk.clock.now += timedelta(minutes=16)
    assert desk.visitor().sign_in("petra").status_code == 303


def test_many_tries_from_one_address_are_stopped_others_are_not(desk: Desk) -> None:
    guesser = desk.visitor("198.51.100.1")
    page = guesser.get("/desk/sign-in")
    answers = [guesser.submit(page, "/desk/sign-in", login="niemand", password="geraten") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert desk.visitor("198.51.100.2").sign_in("petra").status_code == 303


def test_signing_in_needs_the_token_of_the_own_page(desk: Desk) -> None:
    browser = desk.visitor()
    other = forms(desk.visitor().get("/desk/sign-in"))["/desk/sign-in"]
    browser.get("/desk/sign-in")
    for fields in ({}, other):
        answer = browser.post("/desk/sign-in", fields | {"login": "petra", "password": PASSWORD})
        assert answer.status_code == 403
        assert "lotse-desk" not in browser.client.cookies


@pytest.mark.parametrize(("public_url", "name"), [("", "lotse-desk"), ("https://lotse.example.org", "__Secure-lotse-desk")])
def test_the_session_cookie_is_out_of_reach(staffed: Path, guidance: Guidance, loop: asyncio.Runner, public_url: str, name: str) -> None:
    desk = build_desk(staffed, guidance, loop, public_url)
    answer = desk.visitor(base=public_url or "http://desk.example.org").sign_in("petra")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{name}="))
    assert {"HttpOnly", "SameSite=strict", "Path=/desk"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) == bool(public_url)
    desk.database.close()


def test_a_link_to_a_case_leads_there_after_signing_in(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.visitor()
    sent_to = browser.get(f"/desk/cases/{case.id}").headers["location"]
    assert sent_to.startswith("/desk/sign-in?")
    assert browser.sign_in("petra", path=sent_to).headers["location"] == f"/desk/cases/{case.id}"


@pytest.mark.parametrize("path", ["https://example.org/", "//example.org/", "/closed/../..//example.org", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(desk: Desk, path: str) -> None:
    browser = desk.visitor()
    page = browser.get("/desk/sign-in")
    answer = browser.submit(page, "/desk/sign-in", login="petra", password=PASSWORD, next=path)
    assert answer.headers["location"] == "/desk/"


def test_signing_out_ends_the_session_for_a_copied_cookie_too(desk: Desk) -> None:
    browser = desk.signed_in("petra")
    cookie = browser.client.cookies["lotse-desk"]
    assert browser.submit(browser.get("/desk/"), "/desk/sign-out").headers["location"] == "/desk/sign-in?signed-out"
    browser.client.cookies.set("lotse-desk", cookie, path="/desk")
    assert browser.get("/desk/").headers["location"] == "/desk/sign-in"


# --- the queue


def test_an_empty_queue_explains_what_will_appear(desk: Desk) -> None:
    page = desk.signed_in("petra").get("/desk/").text
    assert "Zurzeit gibt es keine offenen Fälle" in page
    assert "Ausländeramt Köln" in page


def test_the_queue_shows_the_cases_of_my_offices_in_german(desk: Desk) -> None:
    case = desk.send_sheet()
    desk.clock.now += timedelta(hours=3)
    page = desk.signed_in("petra").get("/desk/").text
    for words in (f"/desk/cases/{case.id}", "Amal", "Arabisch", "Heute oder morgen", "Neu", "seit 3 Stunden", "noch frei"):
        assert words in page
    assert case.id not in desk.signed_in("mia").get("/desk/").text


def test_what_the_person_unticked_is_not_made_up(desk: Desk) -> None:
    case = desk.send_sheet(name=None, language=None, urgency=None, contact=None, contact_value=None)
    browser = desk.signed_in("petra")
    line = browser.get("/desk/").text.split("<tbody")[1]
    assert "ohne Namen" in line
    assert line.count("nicht angegeben") == 2
    assert "Nicht eilig" not in line
    assert browser.get(f"/desk/cases/{case.id}").text.count('class="missing"') == 4


def test_closed_cases_move_to_their_own_tab_with_the_outcome(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    browser.answer(case, "close", outcome="informed")
    assert case.id not in browser.get("/desk/").text
    closed = browser.get("/desk/closed").text
    assert case.id in closed
    assert "Auskunft gegeben" in closed


# --- a case


def test_a_case_page_shows_sheet_consent_and_question_in_its_language(desk: Desk) -> None:
    page = desk.signed_in("petra").get(f"/desk/cases/{desk.send_sheet().id}").text
    for words in (
        "Thema: Aufenthaltstitel\nOrt: Köln",
        "27 bis 65 Jahre",
        "Aufenthaltserlaubnis oder Visum",
        "Ich bin einverstanden.",
        "30. Mai 2027",
    ):
        assert words in page
    assert 'href="tel:02214710999"' in page
    assert re.search(r'lang="ar" dir="auto">هل', page)
    assert "Im Original: Arabisch" in page


def test_what_a_person_writes_cannot_become_part_of_the_page(desk: Desk) -> None:
    case = desk.send_sheet(name="<b>Amal</b>", contact=Contact.EMAIL, contact_value='"><script>@example.org')
    page = desk.signed_in("petra").get(f"/desk/cases/{case.id}").text
    assert "<script>alert" not in page
    assert "<b>Amal" not in page
    assert "mailto:%22%3E%3Cscript%3E@example.org" in page


def test_reading_a_case_is_logged_and_marks_it_seen_asking_for_news_is_neither(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    news = browser.get(f"/desk/cases/{case.id}/latest").json()
    assert (news["state"], desk.reads(case)) == ("submitted", 0)
    page = browser.get(f"/desk/cases/{case.id}").text
    assert desk.referrals.case(case.id).state is State.RECEIVED
    assert desk.reads(case) == 1
    assert f'data-latest="{browser.get(f"/desk/cases/{case.id}/latest").json()["latest"]}"' in page


def test_the_timeline_shows_both_sides_and_what_the_person_reads(desk: Desk) -> None:
    desk.texts.translations["ar"].texts["case.document_request"] = "يرجى إرسال: {document}"
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    browser.answer(case, "document", document="reisepass")
    asked = desk.referrals.events(case.id)[-1]
    desk.referrals.client_event(case.id, EventKind.DOCUMENT_ANSWERED, {"choice": "have", "event": asked.id}, "answer 1")
    browser.answer(case, "appointment", **ANSWERS["appointment"])
    proposed = desk.referrals.events(case.id)[-1]
    desk.referrals.client_event(case.id, EventKind.APPOINTMENT_DECLINED, {"choice": "decline", "event": proposed.id}, "answer 2")
    desk.referrals.client_event(case.id, EventKind.MESSAGE, {"text": "شكرا", "language": "ar"}, "message 1")
    page = browser.get(f"/desk/cases/{case.id}").text
    assert "Bitte schicken oder bringen Sie: Reisepass." in page
    assert re.search(r'<p lang="ar" dir="rtl">يرجى إرسال: \u2068?Reisepass', page)
    assert "Person hat das Papier: Reisepass" in page
    assert re.search(r"Termin abgelehnt.*?Mi\., 24\. März 2027, 14:30 Uhr, Zimmer 12", page, re.DOTALL)
    assert re.search(r'lang="ar" dir="auto">شكرا', page)


def test_a_free_text_stays_german_in_the_preview(desk: Desk) -> None:
    desk.texts.translations["ar"].texts["case.free_text"] = "هذه الرسالة مكتوبة بالألمانية:"
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    browser.answer(case, "message", text="Bitte rufen Sie uns an.")
    page = browser.get(f"/desk/cases/{case.id}").text
    assert '<p lang="ar" dir="rtl">هذه الرسالة مكتوبة بالألمانية:</p>' in page
    assert '<p lang="de" dir="ltr">Bitte rufen Sie uns an.</p>' in page


# --- claiming


def test_the_second_to_claim_is_told_who_was_faster(desk: Desk) -> None:
    case = desk.send_sheet()
    petra, jonas = desk.signed_in("petra"), desk.signed_in("jonas")
    seen_by_jonas = jonas.get(f"/desk/cases/{case.id}")
    petra.claim(case)
    late = jonas.submit(seen_by_jonas, f"/desk/cases/{case.id}/claim")
    assert late.status_code == 409
    assert "Petra Klein war schneller" in late.text
    assert desk.referrals.case(case.id).assignee == "Petra Klein"


def test_of_two_who_claim_at_the_same_moment_one_gets_the_case(desk: Desk) -> None:
    petra, jonas = desk.signed_in("petra"), desk.signed_in("jonas")
    for _ in range(5):
        path = f"/desk/cases/{desk.send_sheet().id}"
        fields = [forms(browser.get(path))[f"{path}/claim"] for browser in (petra, jonas)]
        answers = petra.post_at_once([jonas], f"{path}/claim", fields)
        assert sorted(answer.status_code for answer in answers) == [303, 409]


def test_a_case_held_by_a_colleague_has_no_forms_and_takes_no_answers(desk: Desk) -> None:
    case = desk.send_sheet()
    petra, jonas = desk.signed_in("petra"), desk.signed_in("jonas")
    petra.claim(case)
    own_form = forms(petra.get(f"/desk/cases/{case.id}"))[f"/desk/cases/{case.id}/message"]
    page = jonas.get(f"/desk/cases/{case.id}")
    assert list(forms(page)) == ["/desk/sign-out"]
    assert "Petra Klein bearbeitet diesen Fall" in page.text
    csrf = forms(page)["/desk/sign-out"]["csrf"]
    refused = jonas.post(f"/desk/cases/{case.id}/message", own_form | {"csrf": csrf, "text": "Ich auch."})
    assert refused.status_code == 409
    assert "Ich auch.</textarea>" in refused.text
    assert EventKind.MESSAGE not in desk.kinds(case)


# --- answering


@pytest.mark.parametrize(
    ("block", "kind", "state"),
    [
        ("document", EventKind.DOCUMENT_REQUESTED, State.WAITING_FOR_CLIENT),
        ("appointment", EventKind.APPOINTMENT_PROPOSED, State.WAITING_FOR_CLIENT),
        ("message", EventKind.MESSAGE, State.IN_PROGRESS),
        ("close", EventKind.CLOSED, State.CLOSED),
    ],
)
def test_each_answer_changes_the_case_and_becomes_an_event(desk: Desk, block: str, kind: EventKind, state: State) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    answer = browser.answer(case, block, **ANSWERS[block])
    assert answer.status_code == 303
    event = desk.referrals.events(case.id)[-1]
    assert (event.kind, event.user, desk.referrals.case(case.id).state) == (kind, "Petra Klein", state)
    assert browser.get(answer.headers["location"]).status_code == 200


def test_an_appointment_is_german_time(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    for day in ("2027-03-24", "30.3.2027"):
        browser.answer(case, "appointment", **(ANSWERS["appointment"] | {"date": day}))
    winter, summer = (event.body["when"] for event in desk.referrals.events(case.id) if event.kind is EventKind.APPOINTMENT_PROPOSED)
    assert (winter, summer) == ("2027-03-24T14:30:00+01:00", "2027-03-30T14:30:00+02:00")


@pytest.mark.parametrize("block", ANSWERS)
def test_sending_a_form_twice_has_one_effect(desk: Desk, block: str) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    page = browser.get(f"/desk/cases/{case.id}")
    before = len(desk.kinds(case))
    answers = [browser.submit(page, f"/desk/cases/{case.id}/{block}", **ANSWERS[block]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(desk.kinds(case)) == before + 1


def test_a_double_click_has_one_effect(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    path = f"/desk/cases/{case.id}/message"
    fields = forms(browser.get(f"/desk/cases/{case.id}"))[path] | ANSWERS["message"]
    answers = browser.post_at_once([browser, browser], path, [fields] * 3)
    assert [answer.status_code for answer in answers] == [303] * 3
    assert desk.kinds(case).count(EventKind.MESSAGE) == 1


def test_other_words_with_an_old_form_are_not_lost(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    page = browser.get(f"/desk/cases/{case.id}")
    for words in ("Erste Nachricht", "Zweite Nachricht"):
        browser.submit(page, f"/desk/cases/{case.id}/message", text=words)
    assert [event.body["text"] for event in desk.referrals.events(case.id) if event.kind is EventKind.MESSAGE] == [
        "Erste Nachricht",
        "Zweite Nachricht",
    ]


@pytest.mark.parametrize(
    ("block", "typed", "says"),
    [
        ("appointment", {"date": "2027-02-28", "time": "14:30", "place": "Zimmer 12"}, "in der Vergangenheit"),
        ("appointment", {"date": "2027-03-01", "time": "12:00", "place": "Zimmer 12"}, "in der Vergangenheit"),
        ("appointment", {"date": "2027-03-28", "time": "02:30", "place": "Zimmer 12"}, "gibt es an diesem Tag nicht"),
        ("appointment", {"date": "2072-03-24", "time": "14:30", "place": "Zimmer 12"}, "mehr als ein Jahr"),
        ("appointment", {"date": "bald", "time": "", "place": "Zimmer 12"}, "Bitte geben Sie einen Tag an"),
        ("appointment", {"date": "2027-03-24", "time": "14:30", "place": "Z" * 201}, "höchstens 200 Zeichen"),
        ("message", {"text": "Sehr " * 401 + "lang"}, "höchstens 2000 Zeichen"),
        ("message", {"text": " \r\n "}, "Bitte schreiben Sie eine Nachricht"),
        ("document", {"document": "../reisepass"}, "Bitte wählen Sie ein Papier"),
        ("close", {"outcome": "gut"}, "Bitte wählen Sie aus"),
    ],
)
def test_what_does_not_fit_is_explained_and_nothing_typed_is_lost(desk: Desk, block: str, typed: dict[str, str], says: str) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    before = desk.kinds(case)
    answer = browser.answer(case, block, **typed)
    assert answer.status_code == 422
    assert says in answer.text
    assert desk.kinds(case) == before
    kept = forms(answer)[f"/desk/cases/{case.id}/{block}"]
    expected = {name: value.strip() for name, value in typed.items() if name in ("date", "time", "place", "text")}
    assert {name: kept[name] for name in expected} == expected


def test_a_message_of_exactly_the_longest_length_is_sent_whatever_its_line_ends(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    assert browser.answer(case, "message", text="a\r\n" * 999 + "bc").status_code == 303
    assert len(desk.referrals.events(case.id)[-1].body["text"]) == 2000


def test_a_case_that_was_closed_meanwhile_refuses_and_keeps_the_text(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    old_page = browser.get(f"/desk/cases/{case.id}")
    browser.answer(case, "close", outcome="solved")
    refused = browser.submit(old_page, f"/desk/cases/{case.id}/message", text="Noch etwas.")
    assert refused.status_code == 409
    assert "schon abgeschlossen" in refused.text
    assert "Noch etwas.</textarea>" in refused.text
    assert desk.kinds(case)[-1] is EventKind.CLOSED


def test_a_case_that_was_withdrawn_meanwhile_says_so_and_shows_nothing_else(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    old_page = browser.get(f"/desk/cases/{case.id}")
    desk.referrals.withdraw(case.id)
    refused = browser.submit(old_page, f"/desk/cases/{case.id}/message", text="Noch etwas.")
    for page in (refused, browser.get(f"/desk/cases/{case.id}")):
        assert page.status_code == 410
        assert "zurückgezogen" in page.text
        assert "Amal" not in page.text
    assert "Noch etwas.</textarea>" in refused.text
    assert desk.signed_in("mia").get(f"/desk/cases/{case.id}").status_code == 404


def test_a_session_that_ends_while_somebody_writes_does_not_cost_the_text(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    page = browser.get(f"/desk/cases/{case.id}")
    desk.clock.now += timedelta(hours=11)
    answer = browser.submit(page, f"/desk/cases/{case.id}/message", text="Ein langer Brief.")
    assert answer.status_code == 401
    assert "Ein langer Brief.</textarea>" in answer.text
    assert forms(answer)["/desk/sign-in"]["next"] == f"/cases/{case.id}"
    assert EventKind.MESSAGE not in desk.kinds(case)


# --- who may see and do what

CASE_ROUTES = [("GET", ""), ("GET", "/latest"), ("POST", "/claim"), *(("POST", f"/{block}") for block in ANSWERS)]


@pytest.mark.parametrize(("method", "route"), CASE_ROUTES)
def test_a_case_of_another_office_does_not_exist(desk: Desk, method: str, route: str) -> None:
    case = desk.send_sheet()
    mia = desk.signed_in("mia")
    fields = {"csrf": forms(mia.get("/desk/"))["/desk/sign-out"]["csrf"], "key": secrets.token_hex(16), **ANSWERS.get(route[1:], {})}

    def ask(case_id: str) -> httpx.Response:
        path = f"/desk/cases/{case_id}{route}"
        return mia.get(path) if method == "GET" else mia.post(path, fields)

    foreign, unknown = ask(case.id), ask(secrets.token_hex(16))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert foreign.headers == unknown.headers
    assert desk.kinds(case) == [EventKind.SUBMITTED]
    assert desk.reads(case) == 0


@pytest.mark.parametrize(("method", "route"), CASE_ROUTES)
def test_nobody_gets_in_without_signing_in(desk: Desk, method: str, route: str) -> None:
    case = desk.send_sheet()
    browser = desk.visitor()
    path = f"/desk/cases/{case.id}{route}"
    answer = browser.get(path) if method == "GET" else browser.post(path, ANSWERS.get(route[1:], {}))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk/sign-in")
    assert desk.kinds(case) == [EventKind.SUBMITTED]


@pytest.mark.parametrize("route", ["/sign-out", "/cases/{case}/claim", *(f"/cases/{{case}}/{block}" for block in ANSWERS)])
def test_a_form_without_the_token_of_this_session_is_refused(desk: Desk, route: str) -> None:
    case = desk.send_sheet()
    petra, jonas = desk.signed_in("petra"), desk.signed_in("jonas")
    petra.claim(case)
    before = desk.kinds(case)
    token_of_jonas = forms(jonas.get("/desk/"))["/desk/sign-out"]["csrf"]
    for csrf in ({}, {"csrf": ""}, {"csrf": token_of_jonas}, {"csrf": "ä"}):
        fields = {"key": secrets.token_hex(16), **ANSWERS.get(route.rsplit("/", 1)[1], {}), **csrf}
        assert petra.post("/desk" + route.format(case=case.id), fields).status_code == 403
    assert desk.kinds(case) == before
    assert petra.get("/desk/").status_code == 200


def test_a_form_that_is_not_ours_is_refused(desk: Desk) -> None:
    case = desk.send_sheet()
    browser = desk.signed_in("petra")
    browser.claim(case)
    assert browser.answer(case, "message", text="Hallo", key="submit").status_code == 400
    assert browser.answer(case, "message", text="x" * 300_000).status_code == 413
    assert browser.answer(case, "message", **{f"field{number}": "" for number in range(30)}).status_code == 400


# --- every page


def test_every_answer_is_guarded_and_no_page_is_kept(desk: Desk) -> None:
    browser = desk.signed_in("petra")
    case = desk.send_sheet()
    for path in ("/desk/", "/desk/closed", "/desk/sign-in", f"/desk/cases/{case.id}", f"/desk/cases/{case.id}/latest", "/desk/nichts"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_a_failure_says_so_and_gives_nothing_away(desk: Desk) -> None:
    desk.may_fail = True
    browser = desk.signed_in("petra")
    Base.metadata.tables["referral_events"].drop(desk.database.engine)
    Base.metadata.tables["referrals"].drop(desk.database.engine)
    answer = browser.get("/desk/")
    assert answer.status_code == 500
    assert "Bei uns ist ein Fehler passiert" in answer.text
    assert "sqlite" not in answer.text.lower()
    assert answer.headers["cache-control"] == "no-store"


def test_styles_and_script_are_files_of_the_desk_itself(desk: Desk) -> None:
    browser = desk.signed_in("petra")
    page = browser.get("/desk/").text
    assert not re.search(r"<style|style=|<script(?![^>]* src=)| on[a-z]+=", page)
    for path in re.findall(r'(?:src|href)="(/desk/static/[^"]+)"', page):
        assert browser.get(path).status_code == 200
    assert browser.get("/desk/static/../accounts.py").status_code == 404
