"""What may happen to a referral, and when."""

from __future__ import annotations

import pytest

from bot.referrals.codes import clean_code, new_code
from bot.referrals.lifecycle import OPEN, Actor, EventKind, NotAllowed, State, next_state


def test_the_whole_way() -> None:
    state = State.SUBMITTED
    for actor, kind, after in [
        (Actor.CASEWORKER, EventKind.OPENED, State.RECEIVED),
        (Actor.CASEWORKER, EventKind.CLAIMED, State.IN_PROGRESS),
        (Actor.CASEWORKER, EventKind.DOCUMENT_REQUESTED, State.WAITING_FOR_CLIENT),
        (Actor.CLIENT, EventKind.DOCUMENT_ANSWERED, State.IN_PROGRESS),
        (Actor.CASEWORKER, EventKind.APPOINTMENT_PROPOSED, State.WAITING_FOR_CLIENT),
        (Actor.CLIENT, EventKind.APPOINTMENT_ACCEPTED, State.APPOINTMENT),
        (Actor.CASEWORKER, EventKind.CLOSED, State.CLOSED),
    ]:
        state = next_state(state, actor, kind)
        assert state == after


@pytest.mark.parametrize("state", sorted(OPEN))
def test_the_client_can_withdraw_at_any_time(state: State) -> None:
    assert next_state(state, Actor.CLIENT, EventKind.WITHDRAWN) == State.WITHDRAWN


@pytest.mark.parametrize("state", [State.CLOSED, State.WITHDRAWN])
@pytest.mark.parametrize("kind", [EventKind.MESSAGE, EventKind.CLAIMED, EventKind.DOCUMENT_REQUESTED, EventKind.CLOSED])
def test_nothing_happens_after_the_end(state: State, kind: EventKind) -> None:
    with pytest.raises(NotAllowed):
        next_state(state, Actor.CASEWORKER, kind)


def test_a_caseworker_cannot_answer_before_claiming() -> None:
    with pytest.raises(NotAllowed):
        next_state(State.RECEIVED, Actor.CASEWORKER, EventKind.MESSAGE)


def test_a_message_of_the_client_ends_the_waiting() -> None:
    assert next_state(State.WAITING_FOR_CLIENT, Actor.CLIENT, EventKind.MESSAGE) == State.IN_PROGRESS


def test_codes_survive_how_people_type_them() -> None:
    code = new_code()
    assert clean_code(f"  {code.upper().replace('-', ' ')} ") == code
    assert clean_code(code.replace("-", "")) == code
    assert clean_code("not a code at all") is None
    assert len({new_code() for _ in range(500)}) == 500
