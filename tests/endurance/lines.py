"""Network lines between the platform and what it talks to, which can be cut or go dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 1 << 16


@dataclass
class Line:
    """Passes bytes on between `port` and a server.

    A cut line refuses everybody. A dead one is half open: it takes what it is given, and
    nothing ever arrives or comes back; connections that met it stay dead when it is mended.
    """

    target: int
    port: int = 0
    cut: bool = False
    dead: bool = False
    met: int = 0
    """How many connections a fault has met."""
    _open: set[_Connection] = field(default_factory=set)

    def fail(self, *, dead: bool = False) -> None:
        """Cut the line, or let it go dead."""
        self.cut, self.dead = not dead, dead
        for connection in self._open:
            self.met += 1
            connection.fail(dead=dead)

    def mend(self) -> None:
        """New connections pass again."""
        self.cut = self.dead = False

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        connection = _Connection(reader, writer)
        self._open.add(connection)
        try:
            if self.cut or self.dead:
                self.met += 1
                connection.fail(dead=self.dead)
            await connection.serve(self.target)
        finally:
            self._open.discard(connection)


class _Connection:
    """One connection over a line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._beyond: asyncio.StreamWriter | None = None
        self._dead = False
        self._cut = False

    def fail(self, *, dead: bool) -> None:
        """From now on nothing passes; a cut one ends at once."""
        self._dead, self._cut = dead, not dead
        if self._cut:
            self._end()

    async def serve(self, target: int) -> None:
        """Pass bytes both ways until one side ends."""
        try:
            if not (self._dead or self._cut):
                there, self._beyond = await asyncio.open_connection("127.0.0.1", target)
                back = asyncio.create_task(self._pass(there, self._writer))
                await self._pass(self._reader, self._beyond)
                back.cancel()
            while self._dead and await self._reader.read(CHUNK):
                pass
        except OSError:
            pass
        finally:
            self._end()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                if self._dead or self._cut:
                    continue
                target.write(data)
                await target.drain()
        if not self._dead:
            target.close()

    def _end(self) -> None:
        for writer in (self._writer, self._beyond):
            if writer is not None:
                writer.transport.abort()


@asynccontextmanager
async def line_to(target: int) -> AsyncIterator[Line]:
    """A line from a free loopback port to `target`."""
    line = Line(target)
    server = await asyncio.start_server(line.take, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.fail()
