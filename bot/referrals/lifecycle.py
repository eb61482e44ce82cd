"""The life cycle of a referral as one table: what may happen in which state, by whom, and where it leads.

submitted → received → in progress ⇄ waiting for client → appointment → closed
from every open state: withdrawn by the client
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a referral stands."""

    SUBMITTED = "submitted"
    #: somebody at the office has opened it
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_CLIENT = "waiting_for_client"
    APPOINTMENT = "appointment"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Actor(StrEnum):
    """Who did something."""

    CLIENT = "client"
    CASEWORKER = "caseworker"


class EventKind(StrEnum):
    """What can happen to a referral."""

    SUBMITTED = "submitted"
    OPENED = "opened"
    CLAIMED = "claimed"
    DOCUMENT_REQUESTED = "document_requested"
    DOCUMENT_ANSWERED = "document_answered"
    APPOINTMENT_PROPOSED = "appointment_proposed"
    APPOINTMENT_ACCEPTED = "appointment_accepted"
    APPOINTMENT_DECLINED = "appointment_declined"
    #: free text in German by the caseworker, or in their own language by the client
    MESSAGE = "message"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """How a case ended; each has a text ``case.closed_<outcome>``."""

    SOLVED = "solved"
    INFORMED = "informed"
    UNREACHABLE = "unreachable"
    NOT_POSSIBLE = "not_possible"


class NotAllowed(Exception):
    """Raised when something cannot happen to a referral in its present state."""


OPEN = frozenset(State) - {State.CLOSED, State.WITHDRAWN}
_WORKED_ON = frozenset({State.IN_PROGRESS, State.WAITING_FOR_CLIENT, State.APPOINTMENT})

#: (actor, event) → (states in which it may happen, state afterwards; ``None`` keeps the state)
_TRANSITIONS: dict[tuple[Actor, EventKind], tuple[frozenset[State], State | None]] = {
    (Actor.CASEWORKER, EventKind.OPENED): (frozenset({State.SUBMITTED}), State.RECEIVED),
    (Actor.CASEWORKER, EventKind.CLAIMED): (frozenset({State.SUBMITTED, State.RECEIVED}), State.IN_PROGRESS),
    (Actor.CASEWORKER, EventKind.DOCUMENT_REQUESTED): (_WORKED_ON, State.WAITING_FOR_CLIENT),
    (Actor.CASEWORKER, EventKind.APPOINTMENT_PROPOSED): (_WORKED_ON, State.WAITING_FOR_CLIENT),
    (Actor.CASEWORKER, EventKind.MESSAGE): (_WORKED_ON, None),
    (Actor.CASEWORKER, EventKind.CLOSED): (_WORKED_ON, State.CLOSED),
    (Actor.CLIENT, EventKind.DOCUMENT_ANSWERED): (_WORKED_ON, State.IN_PROGRESS),
    (Actor.CLIENT, EventKind.APPOINTMENT_ACCEPTED): (_WORKED_ON, State.APPOINTMENT),
    (Actor.CLIENT, EventKind.APPOINTMENT_DECLINED): (_WORKED_ON, State.IN_PROGRESS),
    (Actor.CLIENT, EventKind.MESSAGE): (OPEN, None),
    (Actor.CLIENT, EventKind.WITHDRAWN): (frozenset(State) - {State.WITHDRAWN}, State.WITHDRAWN),
}


def next_state(state: State, actor: Actor, kind: EventKind) -> State:
    """The state after an event; raises ``NotAllowed``."""
    allowed, target = _TRANSITIONS.get((actor, kind), (frozenset[State](), None))
    if state not in allowed:
        raise NotAllowed(f"{kind} by {actor} is not possible while a referral is {state}")
    # A client's message answers what the office was waiting for.
    if (actor, kind, state) == (Actor.CLIENT, EventKind.MESSAGE, State.WAITING_FOR_CLIENT):
        return State.IN_PROGRESS
    return target or state
