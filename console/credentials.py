"""Passwords, one-time codes, and how long somebody who guesses must wait."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pyotp
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from console.sealing import Seal, Unsealable
from storage.attempts import Attempts
from storage.users import User, Users

SHORTEST, LONGEST = 12, 200
"""Characters of a password (NIST SP 800-63B asks for 8 with a second factor, 15 without)."""
PER_PERSON, PER_NAME, PER_ADDRESS = 5, 50, 100
"""Failures within 15 minutes: of one name from one address, of a name, from an address."""
STEP = 30
"""Seconds for which a one-time code holds (RFC 6238)."""
ISSUER = "Onoo"

log = structlog.get_logger()
_hasher = PasswordHasher()
_at_once = asyncio.Semaphore(2)
"""Each check of a password takes 64 MB and most of a core's tenth of a second."""


class WeakPassword(ValueError):
    """The password is too short, too long or the name itself; `key` names the words for it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def check_strength(password: str, name: str) -> None:
    """Raise WeakPassword for what is guessed first."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword("console.password.length")
    if name.lower() in password.lower() or len(set(password)) < 5:
        raise WeakPassword("console.password.easy")


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """Checked where there is no such account, so that the time tells nothing."""
    return _hasher.hash(secrets.token_hex(16))


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


async def matches(stored: str, password: str) -> bool:
    """Whether `password` is the one behind the hash; off the event loop, few at once."""
    async with _at_once:
        return await asyncio.to_thread(_matches, stored or _nobody(), password[: LONGEST + 1])


def new_secret() -> str:
    """A secret for one-time codes, as authenticator apps take it."""
    return pyotp.random_base32()


def enrolment(secret: str, name: str) -> str:
    """What the QR code says that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def code_step(secret: str, code: str, now: datetime) -> int:
    """The time step that `code` is right for, allowing one before and after; 0 if it is wrong."""
    digits = "".join(code.split())
    step = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for near in (step, step - 1, step + 1):
        if hmac.compare_digest(totp.at(near * STEP), digits):
            return near
    return 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a try to sign in: `user` if it is right, else `wait` seconds or `wrong`."""

    user: User | None = None
    wait: int = 0
    needs_code: bool = False


class Doorkeeper:
    """Decides who is let in; `address` is where the try comes from."""

    def __init__(self, users: Users, attempts: Attempts, seal: Seal) -> None:
        self._users = users
        self._seal = seal
        self._attempts = attempts

    async def admit(
        self, name: str, password: str, code: str, address: str, now: datetime
    ) -> Verdict:
        """Check a name, a password and, where the account has them, a one-time code."""
        name = name.strip().lower()[:100]
        limits = {
            f"both:{name}:{address}": PER_PERSON,
            f"name:{name}": PER_NAME,
            f"from:{address}": PER_ADDRESS,
        }
        waits = [await self._attempts.wait(key, limit, now) for key, limit in limits.items()]
        if wait := max(waits):
            return Verdict(wait=wait)
        user = await self._users.find(name)
        right = await matches(user.password if user else "", password)
        if user is None or not right or user.disabled:
            return await self._failed(limits, now)
        if user.totp and not code.strip():
            return Verdict(needs_code=True)
        if user.totp:
            step = self._step(user, code, now)
            if not step or not await self._users.use_code(user.name, step):
                return await self._failed(limits, now)
        await self._attempts.clear(f"both:{name}:{address}")
        return Verdict(user=user)

    def _step(self, user: User, code: str, now: datetime) -> int:
        try:
            return code_step(self._seal.open(user.totp), code, now)
        except Unsealable:
            log.error("one-time codes can't be checked: another secret key sealed them")
            return 0

    async def _failed(self, keys: dict[str, int], now: datetime) -> Verdict:
        for key in keys:
            await self._attempts.failed(key, now)
        return Verdict()
