"""Secrets that must be read again, kept sealed: whoever reads the database alone reads nothing.

The key comes from the platform's secret key by HKDF (RFC 5869), under a name of its own, so that
nothing else made from that key can open what is sealed here. The box is Fernet: AES-128-CBC with
HMAC-SHA256.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.users import SEALED

PURPOSE = b"onoo: secrets of one-time codes"


class Unsealable(ValueError):
    """It was sealed with another secret key, or is damaged."""


class Seal:
    """Seals and opens with a key that comes from `key`."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(key)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, secret: str) -> str:
        """What to store of `secret`."""
        return SEALED + self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again; raises Unsealable."""
        try:
            return self._fernet.decrypt(sealed.removeprefix(SEALED).encode()).decode()
        except InvalidToken:
            raise Unsealable("sealed with another secret key") from None
