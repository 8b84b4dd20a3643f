"""What files from citizens are accepted: told by their first bytes, not by what they claim."""

from __future__ import annotations

MAX_BYTES = 20 * 1024 * 1024  # what the Telegram Bot API lets a bot download

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)


def kind_of(data: bytes) -> str:
    """The MIME type `data` really has, or "" when it is none of those accepted.

    Archives, scripts and office files with macros have no place in a citizen's report, so
    only pictures, sound, video and PDF are known here, by the signatures of their formats.
    """
    for offset, signature, mime in _SIGNATURES:
        if data.startswith(signature, offset):
            return mime
    return ""
