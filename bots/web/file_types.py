"""What a file is, told by its first bytes: a name or a declared type proves nothing."""

from __future__ import annotations

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)

BRANDS: dict[bytes, str] = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
"""ISO base media (ISO/IEC 14496-12) brands that are not plain MP4; 3gp is told by its prefix."""

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
OFFICE: tuple[tuple[bytes, str], ...] = (
    (b"word/", _OPEN_XML + "wordprocessingml.document"),
    (b"xl/", _OPEN_XML + "spreadsheetml.sheet"),
    (b"ppt/", _OPEN_XML + "presentationml.presentation"),
)

OLD_OFFICE: dict[str, str] = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}

INLINE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""Types every browser can show and none runs code from."""


def sniff(data: bytes, name: str = "") -> str:
    """The media type of `data`, or "" when it is none that a citizen may send.

    `name` only tells apart the old Office formats, which share one signature.
    """
    for prefix, mime in PREFIXES:
        if data.startswith(prefix):
            return mime
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return BRANDS.get(brand, "video/3gpp" if brand[:2] == b"3g" else "video/mp4")
    if data.startswith(ZIP) and b"[Content_Types].xml" in data:
        return next((mime for part, mime in OFFICE if part in data), "")
    if data.startswith(OLE):
        return OLD_OFFICE.get(name[-4:].lower(), "")
    return ""
