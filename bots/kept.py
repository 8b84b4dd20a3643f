"""A session whose turn is sent: it is let go of by and by, or handed on to the next turn."""

from __future__ import annotations

from storage.filing import CitizenEvents, Filing
from storage.store import Session

CARRIED = 24
"""Events a session may carry from turn to turn until they are filed: the whole is written anew
with each turn."""


class Kept:
    """The session as it is stored, with the lease, and what is still to be filed of it."""

    def __init__(
        self, session: Session, filing: Filing, events: CitizenEvents, *, last: bool
    ) -> None:
        """`events` is what of the session's pending events is to be kept; `last` says that the
        citizen was erased, so that no turn may go on from here.
        """
        self.session = session
        self.last = last
        self._filing = filing
        self._events = events
        self._ticket = None if last else filing.leave(events)

    async def taken(self) -> Session:
        """The session, for the next turn; what is not being filed yet is left pending in it.

        Raises the driver's errors if it could not be filed.
        """
        if self._ticket is not None:
            if len(self.session.pending) > CARRIED or not self._filing.withdraw(self._ticket):
                await self.filed()
            self._ticket = None
        return self.session

    async def filed(self) -> None:
        """Return when nothing of it is left to be filed, or when the next turn has taken it.

        Raises the driver's errors if it could not be filed.
        """
        if self._ticket is not None and await self._ticket.done:
            self.session.pending = []

    async def file(self) -> None:
        """File it now. Raises the driver's errors if it could not be filed."""
        if self._ticket is not None and not self._filing.withdraw(self._ticket):
            await self.filed()
        elif self.session.pending:
            await self._filing.file(self._events)
        self._ticket, self.session.pending = None, []
