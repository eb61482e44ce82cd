"""One spelling for all scripts: a word's consonants in Latin letters.

People write Russian as ``privet``, Arabic as ``3ndi mawid``, Greek as ``thelo``, and leave out or mistake vowels in every
language. ``skeleton`` brings «я хочу», ``ya khochu`` and ``ja hotschu`` to nearly the same letters, so that what was
learned from one spelling holds for the others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CYRILLIC = dict(
    zip(
        "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюяјљњћђџў",
        ["", "b", "v", "g", "g", "d", "", "", "", "z", "z", "", "", "", "", "k", "l", "m", "n", "", "p", "r", "s", "t", "", "f", "h", "c",
         "c", "s", "s", "", "", "", "", "", "", "", "l", "n", "c", "d", "d", ""],
    )
)  # fmt: skip
_ARABIC = dict(
    zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأإؤئىةپچژگکیټډړږښڼځڅېۍ",
        ["", "b", "t", "t", "j", "h", "h", "d", "z", "r", "z", "s", "s", "s", "d", "t", "z", "", "g", "f", "k", "k", "l", "m", "n", "h", "",
         "", "", "", "", "", "", "", "", "", "p", "c", "z", "g", "k", "", "t", "d", "r", "z", "s", "n", "z", "c", "", ""],
    )
)  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        ["", "v", "g", "d", "", "z", "", "t", "", "k", "l", "m", "n", "ks", "", "p", "r", "s", "s", "t", "", "f", "h", "ps", ""],
    )
)  # fmt: skip
_LETTERS = {**_CYRILLIC, **_ARABIC, **_GREEK}
#: Spellings of one sound in Latin letters, longest first.
_SOUNDS = [
    ("tsch", "c"), ("shch", "s"), ("schh", "s"), ("sch", "s"), ("tch", "c"), ("kh", "h"), ("gh", "g"), ("sh", "s"), ("zh", "z"), ("ch", "c"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("ts", "c"), ("tz", "c"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("x", "ks"), ("w", ""), ("y", ""),
    ("ß", "s"), ("ş", "s"), ("š", "s"), ("ș", "s"), ("ś", "s"), ("ç", "c"), ("č", "c"), ("ć", "c"), ("ž", "z"), ("ź", "z"), ("ż", "z"),
    ("ț", "t"), ("ţ", "t"), ("ł", "l"), ("đ", "d"), ("ğ", "g"), ("ñ", "n"), ("ı", ""),
]  # fmt: skip
#: Digits that stand for Arabic letters inside a word.
_DIGITS = str.maketrans({"2": "", "3": "", "5": "h", "6": "t", "7": "h", "8": "g", "9": "s", "4": "c"})
_WORD = re.compile(r"\w+")


def skeleton(text: str) -> str:
    """``"Я хочу"`` → ``"- hc"``; words keep their order, a word of vowels only becomes ``-``."""
    return " ".join(_word(word) for word in _WORD.findall(text.casefold()))


@lru_cache(maxsize=65536)
def _word(word: str) -> str:
    if word.isdigit():
        return word if word.isascii() else "".join(str(unicodedata.digit(c, 0)) for c in word)
    if any(c.isdigit() for c in word):
        word = word.translate(_DIGITS)
    if not word.isascii():
        word = "".join(_letter(c) for c in word)
    for spelling, sound in _SOUNDS:
        if spelling in word:
            word = word.replace(spelling, sound)
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    consonants = re.sub(r"[aeiou]", "", bare)
    return re.sub(r"(.)\1+", r"\1", consonants) or "-"


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    """Its sound in Latin letters; a Ge'ez syllable by its Unicode name (``ETHIOPIC SYLLABLE SHAA`` → ``sh``)."""
    if "\u1200" <= character <= "\u137f":
        name = unicodedata.name(character, "").rsplit(" ", 1)[-1].lower()
        return re.sub(r"[aeiou]+$", "", name)
    plain = unicodedata.normalize("NFD", character)[0]
    return _LETTERS.get(character, _LETTERS.get(plain, character))
