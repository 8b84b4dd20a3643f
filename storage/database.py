"""The connection to MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo.errors import PyMongoError as StorageError

__all__ = ["LONG_AGO", "Collection", "Database", "Document", "StorageError", "connect"]

Document: TypeAlias = dict[str, Any]
Database: TypeAlias = AsyncIOMotorDatabase[Document]
Collection: TypeAlias = AsyncIOMotorCollection[Document]

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""A lower bound, without which the embedded server reads all that lacks the field, too."""

OPTIONS: CodecOptions[Document] = CodecOptions(tz_aware=True)


def connect(uri: str, name: str, *, patience: float = 5.0) -> Database:
    """The database `name` behind `uri`; connects on first use.

    `patience` is how many seconds an operation waits for a server that is away.
    """
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        uri,
        tz_aware=True,
        serverSelectionTimeoutMS=int(patience * 1000),
        retryWrites=False,
        appname="onoo",
    )
    return client.get_database(name, codec_options=OPTIONS)
