"""Settings: read once from the environment (``LOTSE_…``), validated, never changed afterwards.

``docs/settings.md`` lists them for operators; a test compares the two.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ClearError

PROJECT = Path(__file__).resolve().parent.parent


class BadSettings(ClearError):
    """Raised when a setting cannot be used; the message names it and never shows its value."""


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="LOTSE_", frozen=True, extra="ignore")

    data: Path = Field(PROJECT / "var", description="Folder for everything a run writes.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the web server listens on; 0 takes a free one.")
    public_url: str = Field("", description="Address under which people reach this server; empty: http://host:port.")
    database_url: SecretStr = Field(SecretStr(""), description="SQLAlchemy address of the database; empty: SQLite in the data folder.")
    keys: SecretStr = Field(
        SecretStr(""), description="Encryption keys (Fernet), newest first, separated by commas; empty: a file in the data folder."
    )
    municipality: str = Field("", description="Official key (AGS) of the town whose page is shown at /; empty: people are asked.")
    engine_timeout: float = Field(6.0, gt=0, le=60, description="Seconds to wait for the engine before Lotse answers without it.")
    engine_start: float = Field(120.0, gt=0, description="Seconds the engine may take to start.")
    message_limit: int = Field(2000, ge=100, le=20000, description="Longest message a person can send, in characters.")
    messages_per_minute: int = Field(60, ge=1, description="Messages one conversation may send in a minute.")
    conversations_per_minute: int = Field(60, ge=1, description="Conversations one network address may open in a minute.")
    code_tries_per_hour: int = Field(20, ge=1, description="Wrong return codes one network address may try in an hour.")
    conversation_hours: int = Field(24, ge=1, description="Hours after the last message until a conversation is deleted.")
    draft_hours: int = Field(24, ge=1, description="Hours until an unsent handover sheet is deleted.")
    open_case_days: int = Field(90, ge=1, description="Days until an open referral is deleted.")
    closed_case_days: int = Field(30, ge=1, description="Days until a closed referral is deleted.")
    desk_session_hours: int = Field(10, ge=1, description="Hours until a caseworker has to sign in again.")
    frame_ancestors: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins that may show the chat page in a frame, separated by spaces."
    )

    @field_validator("frame_ancestors", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @cached_property
    def database(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite:///{self.data / 'lotse.sqlite'}"


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; command-line values win. Raises ``BadSettings``."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(map(str, problem["loc"])).upper()
        raise BadSettings(f"LOTSE_{name}: {problem['msg']}") from None
