"""python-telegram-bot's requests over aiohttp, which costs less processor time than httpx.

One connection pool for the bot; errors are raised as python-telegram-bot's own, with
aiohttp's behind them, from which `faults` tells what was never sent from what may have
arrived.
"""

from __future__ import annotations

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

Timeout = DefaultValue[float] | float | DefaultValue[None] | None
"""Seconds; a DefaultValue where the caller does not say."""
READ = 10.0
MEDIA = 60.0
"""Seconds an answer may take when a file goes with the request."""
CONNECT = 5.0
KEEP_ALIVE = 15.0
"""Seconds an idle connection is kept: less than servers do, so that none is found dead."""


class AiohttpRequest(BaseRequest):
    """Requests to the Bot API through one aiohttp session."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer, unless a call says otherwise."""
        return READ

    async def initialize(self) -> None:
        """Open the session; safe to call twice."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE)
            self._session = aiohttp.ClientSession(
                connector=connector, headers={"User-Agent": self.USER_AGENT}
            )

    async def shutdown(self) -> None:
        """Close the session; safe to call twice."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The status and body of an answer; raises TimedOut or NetworkError."""
        if self._session is None:
            await self.initialize()
        assert self._session is not None  # noqa: S101
        files = request_data.multipart_data if request_data else None
        usual = MEDIA if files else READ
        read = usual if isinstance(read_timeout, DefaultValue) else read_timeout
        connect = CONNECT if isinstance(connect_timeout, DefaultValue) else connect_timeout
        timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_read=read)
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=timeout
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error


def _body(data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    """A form: URL-encoded, or multipart where files go with it."""
    if data is None:
        return None
    if not data.multipart_data:
        return data.json_parameters
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
