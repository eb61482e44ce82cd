"""Brings spellings of one word together: case, diacritics, Arabic letter variants, digits of other scripts."""

from __future__ import annotations

import re
import unicodedata

_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ؤ": "و", "ئ": "ي", "ـ": None})
_LATIN = str.maketrans({"ß": "ss", "ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe"})
_APOSTROPHES = re.compile(r"[’'`´ʼ]")


def normalise(text: str) -> str:
    """``"Kölnʼde"`` → ``"kolnde"``; keeps word borders; digits become ASCII."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("i̇", "i"))
    bare = "".join(c for c in folded if not unicodedata.combining(c)).translate(_LATIN).translate(_ARABIC)
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in bare)
    return _APOSTROPHES.sub("", digits)
