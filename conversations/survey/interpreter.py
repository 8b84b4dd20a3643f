"""Walking a form: which question is next, what may be answered, what follows from it.

Pure and without memory of its own: `Walk` takes a form and a case, changes the case, and is
thrown away. Whatever order the citizen answers in, the case depends on the answers alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from conversations.survey.case import Case, lies_under, path_of
from conversations.survey.choices import Option, choice_label, options
from conversations.survey.form import Form, Node
from conversations.survey.recalculation import Recalculation
from conversations.survey.spots import LISTED, Rejected, Spot
from conversations.survey.values import Moment

ULAANBAATAR = ZoneInfo("Asia/Ulaanbaatar")


class Walk:
    """One step through a case."""

    def __init__(
        self,
        form: Form,
        case: Case,
        now: datetime,
        *,
        zone: tzinfo = ULAANBAATAR,
        locale: str = "mn",
    ) -> None:
        self.form = form
        self.case = case
        self.state = Recalculation(form, case, now, zone, locale)

    @classmethod
    def start(
        cls, form: Form, case_id: str, now: datetime, *, zone: tzinfo = ULAANBAATAR,
        locale: str = "mn",
    ) -> Walk:  # fmt: skip
        """A new case of `form`, its defaults and calculations made."""
        walk = cls(form, Case(case_id, form.version), now, zone=zone, locale=locale)
        walk.state.begin()
        return walk

    # -- where we are ----------------------------------------------------------------------

    def spots(self) -> Iterator[Spot]:
        """Every place that is relevant now, in the form's order."""
        return self._spots_in("", "")

    def _spots_in(self, path: str, ref: str) -> Iterator[Spot]:
        off = self.case.off
        for node in self.form.body_children.get(path, ()):
            place = f"{ref}/{node.name}" if ref else node.name
            if node.kind == "repeat":
                yield from self._spots_of_repeat(node, place)
            elif place in off:
                continue
            elif node.kind == "group":
                yield from self._spots_in(node.path, place)
            else:
                yield Spot(node, place)

    def _spots_of_repeat(self, node: Node, ref: str) -> Iterator[Spot]:
        times = self.case.counts.get(ref, 0)
        asked = node.count is None
        for time in range(1, times + 1):
            place = f"{ref}[{time}]"
            if place in self.case.off:
                continue
            if asked and time > 1:
                yield Spot(node, place, is_more=True)
            yield from self._spots_in(node.path, place)
        if asked and f"{ref}[{times}]" not in self.case.off:
            yield Spot(node, f"{ref}[{times + 1}]", is_more=True)

    def current(self) -> Spot | None:
        """What is to be answered now; None when all is."""
        waiting: Spot | None = None
        for spot in self.spots():
            if not spot.is_asked:
                continue
            if spot.mark == self.case.at:
                return spot
            if waiting is None and not self._is_done(spot):
                waiting = spot
                if not self.case.at:
                    break
        return waiting

    def _is_done(self, spot: Spot) -> bool:
        if spot.is_more:
            base, _, number = spot.ref.rpartition("[")
            if int(number[:-1]) <= self.case.counts.get(base, 0):
                return True
        return spot.mark in self.case.done

    def notes(self, until: Spot | None) -> list[Spot]:
        """The notes to show before `until`, or at the end, that were not yet shown."""
        found: list[Spot] = []
        for spot in self.spots():
            if until is not None and spot.mark == until.mark:
                break
            if not spot.is_asked and spot.mark not in self.case.done:
                found.append(spot)
        return found

    def headings(self, spot: Spot) -> list[tuple[str, str]]:
        """The groups that begin with `spot`: each its place and its title."""
        before = self._before(spot)
        titles = []
        for group in reversed(list(spot.node.ancestors())):
            place = self._around(spot.ref, group)
            if before is not None and lies_under(before.ref, place) and not before.is_more:
                continue
            title = self.state.words(group.label, place)
            number = place.rpartition("[")[2].rstrip("]") if group.kind == "repeat" else ""
            if title:
                titles.append((place, f"{title} {number}".strip()))
        return titles

    def _around(self, ref: str, group: Node) -> str:
        return "/".join(ref.split("/")[: group.path.count("/") + 1])

    def _before(self, spot: Spot) -> Spot | None:
        before = None
        for other in self.spots():
            if other.mark == spot.mark:
                return before
            if other.is_asked:
                before = other
        return None

    def find(self, mark: str) -> Spot | None:
        """The relevant place with this mark, or None."""
        return next((spot for spot in self.spots() if spot.mark == mark), None)

    def progress(self) -> tuple[int, int]:
        """The number of the question being asked, and of all that are relevant now."""
        asked = [spot for spot in self.spots() if spot.is_asked and not spot.is_more]
        current = self.current()
        number = len(asked)
        if current is not None:
            marks = [spot.mark for spot in asked]
            if current.mark in marks:
                number = marks.index(current.mark) + 1
            else:
                number = sum(1 for spot in asked if self._is_done(spot))
        return min(number, len(asked)), len(asked)

    # -- words -----------------------------------------------------------------------------

    def label(self, spot: Spot) -> str:
        """The question's own words."""
        return self.state.words(spot.node.label, spot.ref)

    def hint(self, spot: Spot) -> str:
        """What the form says under the question."""
        return self.state.words(spot.node.hint, spot.ref)

    def guidance(self, spot: Spot) -> str:
        """What the form says to who asks for help."""
        return self.state.words(spot.node.guidance, spot.ref)

    def options(self, spot: Spot) -> list[Option]:
        """The choices that can be taken now."""
        return options(self.state, spot.node, spot.ref)

    def value(self, spot: Spot) -> str:
        """What is answered at a place, "" if nothing is."""
        return self.case.values.get(spot.ref, "")

    def shown(self, spot: Spot) -> str:
        """The answer at a place as a citizen reads it: labels instead of names."""
        value = self.value(spot)
        source = spot.node.choices
        if source is None or not value:
            return value
        names = [value] if spot.node.kind == "select_one" else value.split()
        return ", ".join(self._choice_words(spot, name) for name in names)

    def _choice_words(self, spot: Spot, name: str) -> str:
        source = spot.node.choices
        words = choice_label(self.form, source, name) if source is not None else None
        if words is not None:
            return self.state.words(words, spot.ref) or name
        labels = {option.name: option.label for option in self.options(spot)}
        return labels.get(name, name)

    # -- answering -------------------------------------------------------------------------

    def answer(self, spot: Spot, value: str) -> None:
        """Take `value` (already in the form's shape) as the answer at `spot`.

        Raises Rejected, with nothing changed, if the form does not accept it. For "add
        another?" the value is "yes" or "no".
        """
        if spot.is_more:
            self._answer_more(spot, more=value == "yes")
            return
        if not value:
            self.skip(spot)
            return
        self._check_choice(spot, value)
        old = self.value(spot)
        self.state.write(spot.ref, value)
        if not self.state.holds(spot.node.constraint, spot.ref, otherwise=True):
            self.state.write(spot.ref, old)
            message = self.state.words(spot.node.constraint_message, spot.ref)
            raise Rejected("constraint", message)
        self._settle(spot, changed=value != old)

    def skip(self, spot: Spot) -> None:
        """Leave a question without an answer; raises Rejected where one is required."""
        if spot.is_more:
            self._answer_more(spot, more=False)
            return
        if self.is_required(spot):
            message = self.state.words(spot.node.required_message, spot.ref)
            raise Rejected("required", message)
        changed = bool(self.value(spot))
        self.state.write(spot.ref, "")
        self._settle(spot, changed=changed)

    def is_required(self, spot: Spot) -> bool:
        """Whether a question can't be skipped; one whose list offers nothing always can."""
        if spot.is_more or not self.state.holds(spot.node.required, spot.ref, otherwise=False):
            return False
        return spot.node.kind not in LISTED or bool(self.options(spot))

    def _check_choice(self, spot: Spot, value: str) -> None:
        if spot.node.kind not in LISTED:
            return
        names = {option.name for option in self.options(spot)}
        chosen = [value] if spot.node.kind in ("select_one", "range") else value.split()
        if not set(chosen) <= names:
            raise Rejected("choice")

    def _settle(self, spot: Spot, *, changed: bool) -> None:
        for note in self.notes(spot):
            self.case.done.add(note.mark)
        self.case.done.add(spot.mark)
        self.case.at = ""
        if changed:
            self.state.changed = {spot.node.path}
            self.state.follow(self.form.triggers.get(spot.node.path, ()))
            self.state.value_changed(spot.node, spot.ref)
            self._drop_impossible()

    def _answer_more(self, spot: Spot, *, more: bool) -> None:
        base, _, rest = spot.ref.rpartition("[")
        number = int(rest[:-1])
        times = self.case.counts.get(base, 0)
        self.case.at = ""
        for note in self.notes(spot):
            self.case.done.add(note.mark)
        if more:
            self.case.done.discard(spot.mark)
            if number > times:
                self._repeat(spot.node, base, number)
            return
        if number <= times:
            self._repeat(spot.node, base, number - 1)
            self._forget(base, number)
        self.case.done.add(spot.mark)

    def _repeat(self, node: Node, base: str, times: int) -> None:
        self.state.changed = set()
        for rules, scope in self.state.repeat(node, base, times):
            self.state.follow(rules, scope)
        self._drop_impossible()

    def _forget(self, base: str, first: int) -> None:
        """Forget what was answered from the `first` repeat on: the citizen took it back."""

        def gone(ref: str) -> bool:
            head, bracket, _ = ref.removeprefix(f"{base}[").partition("]")
            inside = bool(bracket) and ref.startswith(f"{base}[") and head.isdigit()
            return inside and int(head) >= first

        self.case.values = {ref: v for ref, v in self.case.values.items() if not gone(ref)}
        self.case.done = {mark for mark in self.case.done if not gone(mark)}
        self.case.off = {ref for ref in self.case.off if not gone(ref)}
        self.case.counts = {ref: n for ref, n in self.case.counts.items() if not gone(ref)}

    def _drop_impossible(self) -> None:
        """Ask again what was chosen from a list that no longer offers it."""
        checked: set[str] = set()
        while waiting := self.state.changed - checked:
            checked |= waiting
            for path in waiting:
                for node in self.form.filters.get(path, ()):
                    self._drop_from(node)

    def _drop_from(self, node: Node) -> None:
        answered = [ref for ref in self.case.values if path_of(ref) == node.path]
        for ref in answered:
            spot = Spot(node, ref)
            try:
                self._check_choice(spot, self.case.values[ref])
            except Rejected:
                self.case.done.discard(ref)
                self.state.put(ref, "")

    # -- moving ----------------------------------------------------------------------------

    def back(self) -> bool:
        """Go to the question before; False at the first."""
        current = self.current()
        before = None
        for spot in self.spots():
            if not spot.is_asked:
                continue
            if current is not None and spot.mark == current.mark:
                break
            before = spot
        if before is None:
            return False
        self.case.at = before.mark
        return True

    # -- ending ----------------------------------------------------------------------------

    def problem(self) -> tuple[Spot, str] | None:
        """The first answer that no longer fits, after later changes, and the form's words.

        The question is opened again, so that `current` asks it.
        """
        for spot in self.spots():
            if not spot.node.is_asked or spot.is_more or spot.mark not in self.case.done:
                continue
            words = self._misfit(spot)
            if words is not None:
                self.case.done.discard(spot.mark)
                return spot, words
        return None

    def _misfit(self, spot: Spot) -> str | None:
        if not self.value(spot):
            return (
                self.state.words(spot.node.required_message, spot.ref)
                if self.is_required(spot)
                else None
            )
        if self.state.holds(spot.node.constraint, spot.ref, otherwise=True):
            return None
        return self.state.words(spot.node.constraint_message, spot.ref)

    def finish(self) -> None:
        """Stamp the end time where the form wants it."""
        for node in self.form.nodes.values():
            if node.preload == ("timestamp", "end"):
                moment = Moment.at(self.state.env.now, self.state.env.zone)
                self.state.put(node.path, str(moment))

    def values(self) -> dict[str, str]:
        """What the case says: answers and calculations that are relevant, by place."""
        form, found = self.form, {}
        for ref, value in self.case.values.items():
            path = path_of(ref)
            known = path in form.nodes and path != "meta/instanceID"
            if known and self.case.is_on(ref) and self._is_there(ref):
                found[ref] = value
        return dict(sorted(found.items()))

    def _is_there(self, ref: str) -> bool:
        """Whether the repeats a place stands in are there this many times."""
        if "[" not in ref:
            return True
        parts = ref.split("/")
        for depth, part in enumerate(parts):
            name, bracket, number = part.partition("[")
            if bracket:
                base = "/".join([*parts[:depth], name])
                if int(number[:-1]) > self.case.counts.get(base, 0):
                    return False
        return True


__all__ = ["ULAANBAATAR", "Rejected", "Spot", "Walk"]
