"""Facebook Messenger: the only package that imports `pymessenger`."""

from bots.messenger.channel import MessengerChannel

__all__ = ["MessengerChannel"]
