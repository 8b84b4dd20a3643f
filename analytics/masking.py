"""Free text without what names people, as far as patterns can see it."""

from __future__ import annotations

from nlu.masking import mask, may_name


def masked(text: str) -> str:
    """`text` with phone and registration numbers, addresses, handles and names hidden.

    Best effort: a name is seen only where people introduce themselves. A text in which
    nothing was found stays as it is, to the last blank.
    """
    if not may_name(text):
        return text
    hidden = mask(text)
    return text if hidden == " ".join(text.split()) else hidden
