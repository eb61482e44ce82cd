"""The directory: municipalities of North Rhine-Westphalia and the offices that serve them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from difflib import get_close_matches
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ClearError


class UnknownMunicipality(ClearError, LookupError):
    """Raised when a name, key or postal code is not one of NRW's municipalities."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Municipality(_Strict):
    """A municipality by its official key (AGS, 8 digits); the first 5 digits are its district."""

    ags: str = Field(pattern=r"^05\d{6}$")
    name: str
    district: str
    postal_codes: tuple[str, ...]
    #: AGS of the authority responsible under § 1 ZustAVO NRW (own, or the district's)
    foreigners_office: str


class Address(_Strict):
    """A postal address as printed."""

    street: str
    postal_code: str | None
    city: str | None


class Office(_Strict):
    """One office record (HSDS: a service at a location), with its source."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    role: str
    name: str
    provider: str | None
    serves: tuple[str, ...] = Field(min_length=1)
    excluded: tuple[str, ...] = Field(default=(), alias="except")
    address: Address | None
    phone: str | None
    email: str | None
    url: str | None
    hours: str | None
    appointment_only: bool | None
    languages: tuple[str, ...]
    only_for: str | None = Field(default=None, alias="for")
    source: str
    source_kind: str
    source_date: str | date | None
    checked: date
    certainty: Literal["unverified", "confirmed"]
    note: str | None = None

    def serves_place(self, ags: str) -> int:
        """How specifically this office serves the municipality: length of the matching key, 0 if it does not."""
        if any(ags.startswith(key) for key in self.excluded):
            return 0
        return max((len(key) for key in self.serves if ags.startswith(key)), default=0)


class Hotline(_Strict):
    """A telephone number for the whole state or country."""

    id: str
    number: str
    name: str
    scope: str
    hours: str | None
    languages: str | None
    cost: str | None = None
    source: str
    source_kind: str | None = None
    source_date: str | date | None
    checked: date
    certainty: Literal["unverified", "confirmed"]
    note: str | None = None


class Directory:
    """Look-ups over all records; built once at start."""

    def __init__(self, municipalities: list[Municipality], offices: list[Office], hotlines: list[Hotline]) -> None:
        self.municipalities = {town.ags: town for town in municipalities}
        self.offices = {office.id: office for office in offices}
        self.hotlines = {line.id: line for line in hotlines}
        self._by_role: dict[str, list[Office]] = {}
        for office in offices:
            self._by_role.setdefault(office.role, []).append(office)
        self._by_name: dict[str, list[Municipality]] = {}
        self._by_postal_code: dict[str, list[Municipality]] = {}
        for town in municipalities:
            for name in {plain(town.name), plain(town.name.split("(")[0]), _without_dots(town.name)}:
                self._by_name.setdefault(name, []).append(town)
            for code in town.postal_codes:
                self._by_postal_code.setdefault(code, []).append(town)

    def find(self, place: str) -> list[Municipality]:
        """Municipalities by AGS (8 or 12 digits), postal code or name; several where a postal code or name is shared."""
        wanted = place.strip()
        if re.fullmatch(r"05\d{6}(\d{4})?", wanted):
            found = [self.municipalities[wanted[:8]]] if wanted[:8] in self.municipalities else []
        elif re.fullmatch(r"\d{5}", wanted):
            found = self._by_postal_code.get(wanted, [])
        else:
            found = self._by_name.get(plain(wanted), []) or self._by_name.get(plain(re.sub(r"\(.*?\)|,.*", "", wanted)), [])
        if not found:
            raise UnknownMunicipality(place[:80])
        return found

    def key_of(self, place: str | None) -> str:
        """The AGS a name, key or postal code stands for; "" where it is none, or several."""
        try:
            found = self.find(place or "")
        except UnknownMunicipality:
            return ""
        return found[0].ags if len(found) == 1 else ""

    def similar(self, place: str) -> list[Municipality]:
        """Up to three municipalities whose names look like what was typed."""
        names = get_close_matches(plain(place), self._by_name, n=3, cutoff=0.72)
        return [town for name in names for town in self._by_name[name]][:3]

    def serving(self, role: str, ags: str) -> list[Office]:
        """Offices of a role for a municipality, the most specific first (longest matching key)."""
        matches = [(office.serves_place(ags), office) for office in self._by_role.get(role, [])]
        best = [(length, office) for length, office in matches if length]
        return [office for _, office in sorted(best, key=lambda item: (-item[0], bool(item[1].only_for), item[1].address is None))]


def _without_dots(name: str) -> str:
    """``"Köln"`` as ``"koln"``: how a keyboard without umlauts writes it."""
    return plain("".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)))


def plain(name: str) -> str:
    """A name without capitals, accents, spaces and punctuation, to compare what people type."""
    folded = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return re.sub(r"^(stadt|gemeinde|kreis)\s+|[^a-z0-9]", "", bare)
