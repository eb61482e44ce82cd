"""A tracker store that forgets: a tracker lives exactly as long as the turn that holds it."""

from __future__ import annotations

from typing import Any, Iterable, Optional, Text
from weakref import WeakValueDictionary

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class TurnTrackerStore(TrackerStore):
    """Hands the processor the very object that ``turn_channel`` holds; nothing is serialised, nothing stays."""

    def __init__(self, domain: Domain, event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker)
        self._trackers: WeakValueDictionary[Text, DialogueStateTracker] = WeakValueDictionary()

    async def save(self, tracker: DialogueStateTracker) -> None:
        self._trackers[tracker.sender_id] = tracker

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        return self._trackers.get(sender_id)

    async def keys(self) -> Iterable[Text]:
        return list(self._trackers)
