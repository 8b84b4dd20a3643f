"""OpenRosa's functions: importing this package makes expressions know them."""

from conversations.survey.functions import (
    choosing,
    dates,
    geo,
    logic,
    nodesets,
    numbers,
    strings,
)

__all__ = ["choosing", "dates", "geo", "logic", "nodesets", "numbers", "strings"]
