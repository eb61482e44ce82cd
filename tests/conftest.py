"""Shared by all tests: a clean environment, the content, a store in a real database, and a running Lotse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import Content, Store, open_store, read_content
from bot.settings import PROJECT, load_settings
from tests.running import Running, start

for name in [name for name in os.environ if name.startswith("LOTSE_")]:
    del os.environ[name]


@pytest.fixture(scope="session")
def content() -> Content:
    return read_content(PROJECT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(load_settings(data=tmp_path))
    yield opened
    opened.database.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real program with its engine, for everything that can share one."""
    with start(tmp_path_factory.mktemp("lotse")) as program:
        yield program
