"""Ids in exports: keyed hashes, so that nobody can go from a file back to the database."""

from __future__ import annotations

import hashlib
import hmac


class Pseudonyms:
    """Ids for one project: the same person has another id in every other project.

    `key` is the platform's secret (`ONOO_SECRET_KEY`), `project` a name the analyst gives;
    files of one project can be joined by these ids, files of two projects can't.
    """

    def __init__(self, key: bytes, project: str) -> None:
        self._key = hmac.new(key, b"export/" + project.encode(), hashlib.sha256).digest()

    def of(self, kind: str, value: str) -> str:
        """The id that stands for `value` of a `kind` ("citizen", "case"); 80 bits, "" for "".

        Keyed BLAKE2b (RFC 7693).
        """
        if not value:
            return ""
        message = f"{kind}/{value}".encode()
        return hashlib.blake2b(message, key=self._key, digest_size=10).hexdigest()
