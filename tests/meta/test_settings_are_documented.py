"""An operator finds every setting in the docs, and no other."""

from __future__ import annotations

import re

from bot.settings import PROJECT, BadSettings, Settings, load_settings


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`LOTSE_([A-Z_]+)`", (PROJECT / "docs/settings.md").read_text(encoding="utf-8")))
    assert documented == {name.upper() for name in Settings.model_fields} | {"PASSWORD"}


def test_a_bad_setting_is_named_and_its_value_is_not_shown() -> None:
    try:
        load_settings(port=70000)
    except BadSettings as error:
        assert "LOTSE_PORT" in str(error)
        assert "70000" not in str(error)
    else:
        raise AssertionError("an impossible port was taken")
