"""The page around the chat: works as a town's own page and as the link for browsers without the widget."""

from __future__ import annotations

from html import escape

from fastapi.responses import HTMLResponse

from bot.channels.web.api import WebParts
from bot.i18n.languages import LANGUAGES, SOURCE, supported

_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<main>
<h1>{welcome}</h1>
<lotse-chat inline{municipality}></lotse-chat>
<noscript><p>{no_script}</p></noscript>
</main>
<script src="/widget.js" async></script>
</body>
</html>
"""


def chat_page(parts: WebParts, accept_language: str) -> HTMLResponse:
    """In the browser's language where we speak it."""
    tags = (part.split(";")[0].strip() for part in accept_language[:200].split(","))
    tag = next((found for found in map(supported, tags) if found), SOURCE)
    number = {"number": {"type": "phone", "value": parts.directory.hotlines["authorities"].number}}
    town = parts.settings.municipality
    page = _PAGE.format(
        language=tag,
        direction=LANGUAGES[tag].direction,
        title=escape(parts.texts("widget.title", tag)),
        welcome=escape(parts.texts("widget.welcome", tag)),
        no_script=escape(parts.texts("widget.no_script", tag, number)),
        municipality=f' data-municipality="{escape(town)}"' if town else "",
    )
    return HTMLResponse(page)
