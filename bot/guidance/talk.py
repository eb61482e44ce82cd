"""Answers to what is no topic, by dialogue intent."""

from __future__ import annotations

from bot.channels.message import OutgoingMessage, button, say
from bot.guidance.answers import topic_menu

_HUMAN = button("dialogue.menu_human", "/talk_to_human")
_TOPICS = button("dialogue.menu_topics", "/help")
_ANSWERS: dict[str, OutgoingMessage] = {
    "goodbye": say("dialogue.goodbye"),
    "thank": say("dialogue.thank"),
    "affirm": say("dialogue.affirm"),
    "deny": say("dialogue.deny"),
    "stop": say("dialogue.stop"),
    "change_language": say("dialogue.change_language"),
    "bot_challenge": say("dialogue.bot_challenge", _HUMAN),
    "not_understood": say("dialogue.not_understood", _HUMAN, _TOPICS),
    "complaint": say("dialogue.complaint", _HUMAN),
    "praise": say("dialogue.praise"),
    "out_of_scope": say("dialogue.out_of_scope", _HUMAN, _TOPICS),
}
#: Dialogue intents that can be offered as "do you mean …", with the text of their button.
GUESSES = {
    "talk_to_human": "dialogue.menu_human",
    "ask_documents": "dialogue.menu_documents",
    "ask_cost": "dialogue.menu_cost",
    "ask_duration": "dialogue.menu_duration",
    "ask_office": "dialogue.menu_office",
    "ask_opening_hours": "dialogue.menu_office",
    "next_step": "dialogue.menu_next",
    "change_language": "widget.language",
    "delete_my_data": "dialogue.menu_delete",
}


#: Below this confidence the best three would be guesses: Lotse says that it cannot help with that.
DECLINE_BELOW = 0.2


def replies(intent: str) -> list[OutgoingMessage]:
    if intent == "greet":
        return [say("dialogue.greet"), topic_menu("dialogue.choose_topic")]
    if intent == "help":
        return [say("dialogue.help"), topic_menu("dialogue.choose_topic")]
    return [_ANSWERS.get(intent, _ANSWERS["out_of_scope"])]
