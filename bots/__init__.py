"""Channels: how messages get in and out, and the workers between. Never decides what to say."""
