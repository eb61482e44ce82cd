"""Imports point downwards only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.settings import PROJECT

#: package → what it must not import
FORBIDDEN = {
    "bot/guidance": {
        "sqlalchemy",
        "telegram",
        "rasa_sdk",
        "rasa",
        "httpx",
        "fastapi",
        "starlette",
        "bot.storage",
        "bot.referrals",
        "bot.conversation",
        "bot.desk",
    },
    "bot/i18n": {
        "sqlalchemy",
        "telegram",
        "rasa_sdk",
        "rasa",
        "httpx",
        "fastapi",
        "bot.storage",
        "bot.referrals",
        "bot.conversation",
        "bot.desk",
    },
    "bot/referrals": {"telegram", "rasa_sdk", "rasa", "fastapi", "starlette", "bot.conversation", "bot.desk", "actions"},
    "bot/storage": {"telegram", "rasa_sdk", "rasa", "fastapi", "starlette", "bot.conversation", "bot.desk", "actions"},
    "bot/conversation": {"telegram", "rasa", "sqlalchemy", "fastapi", "bot.desk", "bot.channels.web", "actions"},
    "bot/channels": {"sqlalchemy", "rasa_sdk", "rasa", "bot.desk", "actions"},
    "bot/desk": {"telegram", "rasa_sdk", "rasa", "actions"},
    "actions": {"rasa", "telegram", "sqlalchemy", "fastapi", "httpx", "bot.storage", "bot.desk"},
    "engine": {"bot", "actions"},
}
#: these may be used by nobody but the command line
TOP = {"bot.bootstrap", "bot.server", "bot.cli"}
COMMANDS = {"bot/cli.py", "bot/server.py", "bot/check.py", "bot/classify.py", "bot/route.py", "bot/bootstrap.py"}
MODULES = sorted(path.relative_to(PROJECT) for top in ("bot", "actions", "engine") for path in (PROJECT / top).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file imports, with all its parents."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 2)}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_downwards(path: Path) -> None:
    forbidden = set().union(*(names for package, names in FORBIDDEN.items() if str(path).startswith(package + "/")))
    assert not imported(path) & forbidden
    if str(path) not in COMMANDS:
        assert not imported(path) & TOP


def test_the_rules_know_every_package() -> None:
    packages = {str(path.parent) for path in MODULES if len(path.parts) > 2} | {"actions", "engine"}
    unknown = {package for package in packages if not any((package + "/").startswith(known + "/") for known in FORBIDDEN)}
    assert unknown == set()
