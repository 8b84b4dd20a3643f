"""How well free text is understood: figures on a labelled file, by the bot's own path."""

from __future__ import annotations

import csv
import socket
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nlu.client import NluClient
from nlu.service import serving
from nlu.understanding import Understanding
from settings import Settings

COLUMNS = ("text", "label", "script", "place_code", "year", "sector", "facility")
_SLOTS = ("place_code", "year", "sector", "facility")
_WORST = 15


class BadFile(Exception):
    """The file to evaluate on cannot be used; the message says where and what would be right."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled utterance; empty columns are not evaluated."""

    text: str
    label: str
    script: str = ""
    place_code: str = ""
    year: str = ""
    sector: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of one label, with how often it was expected."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(slots=True)
class Report:
    """Everything that was measured."""

    n: int
    accuracy: float
    macro_f1: float
    labels: dict[str, Score]
    scripts: dict[str, dict[str, float]]
    slots: dict[str, dict[str, float]]
    confusions: list[tuple[str, str, int]] = field(default_factory=list)
    out_of_scope_recall: float | None = None
    refused: float | None = None
    sources: dict[str, int] = field(default_factory=dict)
    model: str = ""

    @property
    def last_line(self) -> str:
        """The figures in one line, for people and scripts alike."""
        return f"intent macro-F1 {self.macro_f1:.3f} accuracy {self.accuracy:.3f} n={self.n}"

    def to_document(self) -> dict[str, Any]:
        """The report as JSON holds it."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "labels": {
                name: {"precision": s.precision, "recall": s.recall, "f1": s.f1, "n": s.support}
                for name, s in self.labels.items()
            },
            "scripts": self.scripts,
            "slots": self.slots,
            "out_of_scope_recall": self.out_of_scope_recall,
            "in_scope_refused": self.refused,
            "confusions": [
                {"label": label, "predicted": predicted, "n": n}
                for label, predicted, n in self.confusions
            ],
            "sources": self.sources,
            "model": self.model,
        }


def read(path: Path) -> list[Row]:
    """The rows of a CSV file; raises BadFile naming the line and column that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source)
            missing = [name for name in ("text", "label") if name not in (reader.fieldnames or ())]
            if missing:
                raise BadFile(
                    f"{path}: no column {' and '.join(missing)}; "
                    f"the first line must name text and label"
                )
            rows = [_row(path, reader.line_num, line) for line in reader]
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path}: not UTF-8; save it as CSV UTF-8") from None
    if not rows:
        raise BadFile(f"{path}: no rows below the header")
    return rows


def _row(path: Path, number: int, line: dict[str, Any]) -> Row:
    values = {name: (line.get(name) or "").strip() for name in COLUMNS}
    for name in ("text", "label"):
        if not values[name]:
            raise BadFile(f"{path}, line {number}: {name} is empty")
    if values["year"] and not values["year"].isdigit():
        raise BadFile(f"{path}, line {number}: year {values['year']!r} is no year such as 2025")
    return Row(**values)


async def evaluate(settings: Settings, rows: Sequence[Row]) -> Report:
    """What the bot makes of each row, with Rasa set up, trained and served if need be.

    A server of its own is started on a free port, with time enough for every answer, so
    that figures are those of the model and not of a busy machine. Raises EnvironmentFault.
    """
    if settings.nlu_url:
        return report(rows, await _understand(settings, rows))
    own = settings.model_copy(update={"nlu_port": free_port(), "nlu_deadline": 30.0})
    async with serving(own):
        return report(rows, await _understand(own, rows))


async def _understand(settings: Settings, rows: Iterable[Row]) -> list[Understanding]:
    client = NluClient(settings)
    try:
        return [await client.understand(row.text) for row in rows]
    finally:
        await client.close()


def report(rows: Sequence[Row], understood: Sequence[Understanding]) -> Report:
    """The figures of what was understood against what was meant."""
    pairs = [(row.label, found.intent) for row, found in zip(rows, understood, strict=True)]
    labels = scores(pairs)
    wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
    scripts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row, pair in zip(rows, pairs, strict=True):
        if row.script:
            scripts[row.script].append(pair)
    aside = [found for label, found in pairs if label == "out_of_scope"]
    inside = [found for label, found in pairs if label != "out_of_scope"]
    return Report(
        n=len(pairs),
        accuracy=_accuracy(pairs),
        macro_f1=_macro(labels),
        labels=labels,
        scripts={name: _figures(of) for name, of in sorted(scripts.items())},
        slots=_slots(rows, understood),
        confusions=[(a, b, n) for (a, b), n in wrong.most_common(_WORST)],
        out_of_scope_recall=_share(aside, "out_of_scope"),
        refused=_share(inside, "out_of_scope"),
        sources=dict(Counter(found.source for found in understood)),
        model=understood[0].model if understood else "",
    )


def scores(pairs: Iterable[tuple[str, str]]) -> dict[str, Score]:
    """Precision, recall and F1 of each label that was expected, from (expected, found)."""
    pairs = list(pairs)
    expected = Counter(label for label, _ in pairs)
    found = Counter(label for _, label in pairs)
    right = Counter(label for label, predicted in pairs if label == predicted)
    result = {}
    for label in sorted(expected):
        precision = right[label] / found[label] if found[label] else 0.0
        recall = right[label] / expected[label]
        both = precision + recall
        f1 = 2 * precision * recall / both if both else 0.0
        result[label] = Score(precision, recall, f1, expected[label])
    return result


def _figures(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    of = scores(pairs)
    return {
        "precision": sum(s.precision for s in of.values()) / len(of),
        "recall": sum(s.recall for s in of.values()) / len(of),
        "macro_f1": _macro(of),
        "accuracy": _accuracy(pairs),
        "n": len(pairs),
    }


def _macro(of: dict[str, Score]) -> float:
    return sum(score.f1 for score in of.values()) / len(of)


def _accuracy(pairs: Sequence[tuple[str, str]]) -> float:
    return sum(label == found for label, found in pairs) / len(pairs)


def _share(found: Sequence[str], label: str) -> float | None:
    return sum(one == label for one in found) / len(found) if found else None


def _slots(rows: Sequence[Row], understood: Sequence[Understanding]) -> dict[str, dict[str, float]]:
    """Accuracy of each slot where the file says what it should be.

    A place counts as right when it is the one resolved, or among those the bot would ask
    about because the name is shared; `asked` says how often that was so.
    """
    result: dict[str, dict[str, float]] = {}
    for name in _SLOTS:
        marked = [
            (getattr(row, name), found)
            for row, found in zip(rows, understood, strict=True)
            if getattr(row, name)
        ]
        if not marked:
            continue
        if name == "place_code":
            sure = [_is_place(code, found.places) for code, found in marked]
            asked = [_is_place(code, found.ambiguous) for code, found in marked]
            right = sum(one or other for one, other in zip(sure, asked, strict=True))
            result[name] = {
                "accuracy": right / len(marked),
                "asked": sum(a and not s for s, a in zip(sure, asked, strict=True)) / len(marked),
                "n": len(marked),
            }
        else:
            right = sum(str(getattr(found, name) or "") == wanted for wanted, found in marked)
            result[name] = {"accuracy": right / len(marked), "n": len(marked)}
    return result


def _is_place(expected: str, codes: Sequence[str]) -> bool:
    """Whether the first code found, or the unit its bag or khoroo lies in, is the one expected."""
    return any(code == expected or (len(code) == 6 and code[:4] == expected) for code in codes)


def show(console: Console, found: Report) -> None:
    """Print the report as tables."""
    table = Table("label", "precision", "recall", "F1", "n", title="Intents")
    for label, score in found.labels.items():
        table.add_row(label, *_cells(score.precision, score.recall, score.f1), str(score.support))
    console.print(table)
    if found.scripts:
        table = Table("script", "precision", "recall", "macro-F1", "accuracy", "n", title="Scripts")
        for name, of in found.scripts.items():
            cells = _cells(of["precision"], of["recall"], of["macro_f1"], of["accuracy"])
            table.add_row(name, *cells, str(int(of["n"])))
        console.print(table)
    if found.slots:
        table = Table("slot", "accuracy", "asked", "n", title="What the text speaks of")
        for name, of in found.slots.items():
            asked = f"{of['asked']:.3f}" if "asked" in of else ""
            table.add_row(name, *_cells(of["accuracy"]), asked, str(int(of["n"])))
        console.print(table)
    table = Table("meant", "taken for", "n", title="Confusions that cost most")
    for label, predicted, times in found.confusions:
        table.add_row(Text(label), Text(predicted or "(nothing)"), str(times))
    console.print(table)
    if found.out_of_scope_recall is not None:
        console.print(f"out of scope: recall {found.out_of_scope_recall:.3f}")
    if found.refused is not None:
        console.print(f"in scope, refused as out of scope: {found.refused:.3f}")
    answered = ", ".join(f"{source} {n}" for source, n in sorted(found.sources.items()))
    console.print(f"answered by: {answered}; model {found.model or 'none'}")


def _cells(*figures: float) -> list[str]:
    return [f"{figure:.3f}" for figure in figures]


def free_port() -> int:
    """A port on the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
