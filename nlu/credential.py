"""The secret between the platform and Rasa's server on the same machine."""

from __future__ import annotations

import os
import secrets

from nlu.environment import ROOT
from settings import Settings


def server_token(settings: Settings) -> str:
    """The token set for the server, else one made once and kept where only we can read it."""
    if given := settings.nlu_token.get_secret_value():
        return given
    path = ROOT / settings.data_dir / "nlu-token"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(f".{os.getpid()}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
    try:
        os.link(made, path)  # fails when another process was first
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return path.read_text(encoding="ascii")
