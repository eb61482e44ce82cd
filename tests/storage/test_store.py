"""What is stored is sealed, expires, and can really be deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.bootstrap import Store, open_store
from bot.channels.message import say
from bot.conversation.clock import now
from bot.settings import load_settings
from bot.storage.conversations import Stored
from bot.storage.tables import Base
from bot.storage.vault import BadKeys, Vault

SECRET = "Zwetschgenkuchengeheimnis"


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_a_person_writes_is_not_readable_on_disk(store: Store, tmp_path: Path) -> None:
    token = store.conversations.open("web", "05315000", "de", chosen=False)
    conversation = store.conversations.find(token)
    assert conversation
    conversation.state.question = SECRET
    store.conversations.save(conversation, Stored(SECRET, "client-id-1", [say("dialogue.greet")]))
    assert [line.text for line in store.conversations.lines(conversation, 0)] == [SECRET, None]
    assert SECRET.encode() not in bytes_below(tmp_path)
    assert token.encode() not in bytes_below(tmp_path)


def test_a_conversation_is_forgotten_with_everything_in_it(store: Store) -> None:
    token = store.conversations.open("web", None, "de", chosen=False)
    conversation = store.conversations.find(token)
    assert conversation
    store.conversations.save(conversation, Stored(SECRET, None, []))
    store.conversations.forget(conversation)
    assert store.conversations.find(token) is None
    with store.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM messages").scalar() == 0


def test_a_conversation_expires(tmp_path: Path) -> None:
    moment = now()
    store = open_store(load_settings(data=tmp_path, conversation_hours=24), lambda: moment)
    token = store.conversations.open("web", None, "de", chosen=False)
    moment += timedelta(hours=23)
    assert store.conversations.expire() == 0
    moment += timedelta(hours=2)
    assert store.conversations.find(token) is None
    assert store.conversations.expire() == 1
    store.database.close()


def test_another_key_opens_nothing_and_says_so(tmp_path: Path) -> None:
    sealed = Vault.from_settings("", tmp_path / "a").seal(SECRET)
    with pytest.raises(BadKeys, match="LOTSE_KEYS"):
        Vault.from_settings("", tmp_path / "b").open(sealed)


def test_a_new_key_still_opens_what_the_old_one_sealed(tmp_path: Path) -> None:
    old = Vault.from_settings("", tmp_path / "a")
    key, new = ((tmp_path / name / "keys").read_text().strip() if Vault.from_settings("", tmp_path / name) else "" for name in ("a", "b"))
    both = Vault([new, key])
    assert both.open(old.seal(SECRET)) == SECRET
    assert both.fingerprint("code") == old.fingerprint("code")


def test_the_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    Vault.from_settings("", tmp_path)
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_migrations_make_exactly_the_tables_of_the_program(store: Store) -> None:
    with store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
