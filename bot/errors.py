"""The root of everything an operator can cause and mend.

ClearError
├── BadSettings            settings.py
├── BadContent             guidance/load.py
├── UnknownMunicipality    guidance/directory.py
├── BadKeys                storage/vault.py
├── DatabaseUnreachable    storage/database.py
├── BadAccount             desk/accounts.py
├── EngineMissing          conversation/engine_process.py
├── EngineSilent           conversation/engine_client.py
├── TrainingFailed         training.py
├── BadLine                classify.py
└── PortInUse              server.py
"""

from __future__ import annotations


class ClearError(Exception):
    """The command line prints the message alone and ends with exit code 1: it must say what to do."""
