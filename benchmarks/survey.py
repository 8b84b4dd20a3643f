"""What a step of a survey costs: `python -m benchmarks.survey`.

Measures, with pyxform's own output for generated forms: a stateless step (load the case from
its document, answer, go to the next question, keep the case) of a form of 50 questions with
49 expressions; a step at a cascade that filters 300 choices; loading a form of 500
questions; and converting and compiling the health-centre scorecard. Times are of the
processor, so that other work on the machine counts little; what was loaded before is kept
from the garbage collector (gc.freeze), as a worker does once it has started.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pyxform.xls2xform import convert

from conversations.survey import authoring
from conversations.survey.case import Case
from conversations.survey.form import Form
from conversations.survey.interpreter import Walk
from conversations.survey.xform import compile_form
from conversations.survey.xpath import expression

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SETTINGS = "| settings |\n| | form_id |\n| | bench |\n"


def questions(count: int) -> str:
    """A form whose every question depends on the one before, by relevant or calculation."""
    lines = ["| survey |", "| | type | name | label | relevant | calculation | constraint |"]
    lines.append("| | integer | q0 | Question 0 | | | . >= 0 |")
    for number in range(1, count):
        before = f"${{q{number - 1}}}"
        if number % 5 == 0:
            lines.append(f"| | calculate | c{number} | | | {before} * 2 + 1 | |")
        relevant = f"{before} >= 0 and {before} < 1000"
        lines.append(f"| | integer | q{number} | After {before}? | {relevant} | | . >= 0 |")
    return "\n".join(lines) + "\n" + SETTINGS


def cascade(choices: int) -> str:
    """Two questions; the second lists the `choices` of the first one's answer."""
    lines = [
        "| survey |", "| | type | name | label | choice_filter |",
        "| | select_one aimag | aimag | Aimag? | |",
        "| | select_one soum | soum | Soum? | aimag = ${aimag} |",
        "| choices |", "| | list_name | name | label | aimag |",
    ]  # fmt: skip
    lines += [f"| | aimag | a{n} | Aimag {n} | |" for n in range(2)]
    lines += [f"| | soum | s{n} | Soum {n} | a{n % 2} |" for n in range(choices * 2)]
    return "\n".join(lines) + "\n" + SETTINGS


def compiled(markdown: str) -> tuple[Form, str]:
    """The form of a Markdown source, and its XForm."""
    xml = convert(markdown, file_type=".md").xform
    return compile_form(xml), xml


def milliseconds(call: Callable[[], object], times: int) -> list[float]:
    """How long `call` took, each of `times` times."""
    settle()
    taken = []
    for _ in range(times):
        start = time.process_time()
        call()
        taken.append((time.process_time() - start) * 1000)
    return taken


def settle() -> None:
    """Let the garbage collector leave alone what is there."""
    gc.collect()
    gc.freeze()


def walk_steps(form: Form) -> list[float]:
    """A whole run, each step from document to document."""
    document = Walk.start(form, "bench", NOW).case.to_document()
    taken = []
    while True:
        start = time.process_time()
        walk = Walk(form, Case.from_document(document), NOW)
        spot = walk.current()
        if spot is None:
            return taken
        walk.label(spot)
        options = walk.options(spot)
        walk.answer(spot, options[-1].name if options else "7")
        walk.current()
        document = walk.case.to_document()
        taken.append((time.process_time() - start) * 1000)


def show(name: str, taken: list[float]) -> None:
    """One line: median and worst."""
    sys.stdout.write(
        f"{name:42} median {statistics.median(taken):8.3f} ms   worst {max(taken):8.3f} ms\n"
    )


def main() -> None:
    """Measure and print."""
    form, _ = compiled(questions(50))
    walk_steps(form)
    settle()
    show("step, 50 questions", [t for _ in range(20) for t in walk_steps(form)])

    form, _ = compiled(cascade(300))
    document = Walk.start(form, "bench", NOW).case
    walk = Walk(form, document, NOW)
    first = walk.current()
    assert first is not None
    walk.answer(first, "a1")
    kept = document.to_document()

    def choose() -> None:
        again = Walk(form, Case.from_document(kept), NOW)
        spot = again.current()
        assert spot is not None
        assert len(again.options(spot)) == 300
        again.answer(spot, "s1")

    show("step, a cascade of 300 among 600 choices", milliseconds(choose, 50))

    _, xml = compiled(questions(500))

    def load() -> None:
        expression.cache_clear()
        compile_form(xml)

    show("load, 500 questions, nothing cached", milliseconds(load, 5))
    form = compile_form(xml)
    walk_steps(form)
    settle()
    show("step, 500 questions", walk_steps(form)[:200])
    show("start, 500 questions", milliseconds(lambda: Walk.start(form, "bench", NOW), 5))
    source = Path(__file__).parent.parent / "content" / "surveys" / "health_centre.xlsx"
    show("workbook to version", milliseconds(lambda: authoring.compile(source), 3))


if __name__ == "__main__":
    main()
