"""Placeholder until written below."""

from __future__ import annotations


class ArchiveError(Exception):
    """x"""
