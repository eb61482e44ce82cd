"""Finding towns and their offices."""

from __future__ import annotations

import pytest

from bot.bootstrap import Content
from bot.guidance.directory import UnknownMunicipality


@pytest.mark.parametrize("place", ["05315000", "053150000000", "Köln", "koeln", "KÖLN", "Koln", "50667", " Köln "])
def test_a_town_is_found_however_it_is_written(content: Content, place: str) -> None:
    assert [town.ags for town in content.guidance.directory.find(place)] == ["05315000"]


@pytest.mark.parametrize("place", ["", "Hamburg", "05999999", "99999", "x" * 5000])
def test_an_unknown_town_is_said_to_be_unknown(content: Content, place: str) -> None:
    with pytest.raises(UnknownMunicipality):
        content.guidance.directory.find(place)


def test_a_shared_postal_code_names_all_its_towns(content: Content) -> None:
    assert len(content.guidance.directory.find("33154")) == 2


def test_a_misspelt_town_finds_those_that_look_like_it(content: Content) -> None:
    assert "Bielefeld" in [town.name for town in content.guidance.directory.similar("Bielefelt")]


def test_all_municipalities_of_the_state_are_there(content: Content) -> None:
    assert len(content.guidance.directory.municipalities) == 396


def test_the_towns_own_office_comes_before_the_districts(content: Content) -> None:
    """Detmold has a foreigners' office of its own; Lemgo is served by Kreis Lippe or has no record, never by Detmold."""
    directory = content.guidance.directory
    assert directory.serving("auslaenderbehoerde", "05766020")[0].id == "detmold-auslaenderbehoerde"
    assert all(office.id != "detmold-auslaenderbehoerde" for office in directory.serving("auslaenderbehoerde", "05766044"))


def test_every_record_names_its_source_and_day(content: Content) -> None:
    for office in content.guidance.directory.offices.values():
        assert office.source, office.id
        assert office.checked.year >= 2026, office.id
