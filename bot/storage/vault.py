"""Encryption at rest: personal fields are sealed with Fernet (AES-128-CBC, HMAC-SHA256); old keys still open."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import ClearError


class BadKeys(ClearError):
    """Raised when the keys are unusable, or when data was sealed with a key that is not there any more."""


class Vault:
    """Seals JSON values; also makes the keyed hashes under which secrets are looked up."""

    def __init__(self, keys: list[str]) -> None:
        if not keys:
            raise BadKeys("There is no encryption key: set LOTSE_KEYS or delete the empty key file.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise BadKeys("An encryption key is not a Fernet key (32 bytes, url-safe base64).") from error
        # Derived from the oldest key, which stays when keys rotate: look-ups must not change with a new key.
        self._pepper = hashlib.sha256(b"lotse look-up " + keys[-1].encode()).digest()

    @classmethod
    def from_settings(cls, keys: str, folder: Path) -> Vault:
        """Keys from the setting, else from ``<folder>/keys``, which is made on the first start (readable by its owner only)."""
        if keys:
            return cls([key.strip() for key in keys.split(",") if key.strip()])
        path = folder / "keys"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _create(path)
        return cls(path.read_text(encoding="ascii").split())

    def seal(self, value: Any) -> bytes:
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open(self, sealed: bytes) -> Any:
        try:
            return json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise BadKeys("Stored data cannot be decrypted: the key it was sealed with is not among LOTSE_KEYS.") from None

    def fingerprint(self, secret: str) -> str:
        """A keyed hash (hex, 64 characters) to find a secret without storing it."""
        return hmac.new(self._pepper, secret.encode(), hashlib.sha256).hexdigest()


def _create(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster: its key counts
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(Fernet.generate_key().decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
