"""Which survey: chosen or invited to; then the place, where it is not known yet."""

from __future__ import annotations

from conversations.facts import Invite, OpenInvitation, OpenSurveys, Referral, SurveyOffer
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import PAGE, Turn


class Surveys:
    """Leads to a survey; steps are settled one after another as in the welcome."""

    name = "surveys"
    prefix = "surveys"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Ask for what is still missing, then start the survey."""
        if self._invited(turn, frame):
            return
        offers = turn.world.get(OpenSurveys())
        chosen = self._chosen(turn, frame, offers)
        invite = self._open_invitation(turn)
        if invite is not None and (chosen.form == invite.form_id if chosen else not offers):
            self._follow(turn, frame, f"inv:{invite.campaign}")
        elif not offers:
            turn.say(turn.t("surveys.none"))
            turn.close()
        elif chosen is None:
            turn.say(turn.t("surveys.ask"), _choices(turn, offers, invite))
        elif self._goes_on(turn, chosen):
            return
        elif not turn.state.place and "place" not in frame.data:
            frame.data["place"] = "asked"
            turn.open("place", reason="survey")
        else:
            self._start(turn, chosen)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A survey's button, or its number typed."""
        form = turn.tapped("surveys")
        if turn.typed.isdecimal():
            choices = _choices(turn, turn.world.get(OpenSurveys()), self._open_invitation(turn))
            number = int(turn.typed)
            payload = choices[number - 1].payload if 1 <= number <= len(choices) else ""
            if payload.startswith("inv:go:"):
                self._follow(turn, frame, "inv:" + payload.removeprefix("inv:go:"))
                return True
            form = payload.removeprefix("surveys:")
        if not form:
            return False
        frame.data["form"] = form
        self.prompt(turn, frame)
        return True

    def _invited(self, turn: Turn, frame: Frame) -> bool:
        """Follow the link the citizen came with, if it is a campaign's."""
        payload = turn.state.referral
        if not payload or turn.world.get(Referral(payload)) is None:
            return False
        turn.state.referral = ""
        self._follow(turn, frame, payload)
        return True

    def _open_invitation(self, turn: Turn) -> Invite | None:
        """The campaign they were invited to and have not answered: it is the first offer."""
        if not turn.knows("invitation"):
            return None
        campaign = turn.world.get(OpenInvitation())
        return turn.world.get(Referral(f"inv:{campaign}")) if campaign else None

    def _follow(self, turn: Turn, frame: Frame, payload: str) -> None:
        turn.state.stack = [other for other in turn.state.stack if other is not frame]
        turn.open("invitation", payload=payload)

    def _chosen(
        self, turn: Turn, frame: Frame, offers: tuple[SurveyOffer, ...]
    ) -> SurveyOffer | None:
        if turn.state.referral:
            frame.data["form"], turn.state.referral = turn.state.referral, ""
        form = frame.data.get("form")
        if form is None and len(offers) == 1:
            form = offers[0].form
        return next((offer for offer in offers if offer.form == form), None)

    def _goes_on(self, turn: Turn, offer: SurveyOffer) -> bool:
        """Go on with this very survey where it was begun: nothing answered is lost."""
        begun = [
            frame
            for frame in turn.state.stack
            if frame.dialogue == "survey"
            and frame.data.get("form") == offer.version
            and not frame.data.get("campaign")
        ]
        if not begun:
            return False
        if begun[-1].step == "paused":
            begun[-1].data["wanted"] = True
        others = [f for f in turn.state.stack if f is not begun[-1] and f.dialogue != self.name]
        turn.state.stack = [*others, begun[-1]]
        turn.prompt()
        return True

    def _start(self, turn: Turn, offer: SurveyOffer) -> None:
        turn.state.stack = [f for f in turn.state.stack if f.dialogue != self.name]
        turn.open("survey", form=offer.version, place=turn.state.place)


def _choices(turn: Turn, offers: tuple[SurveyOffer, ...], invite: Invite | None) -> list[Choice]:
    """The invitation first, then the surveys open to everyone; not the same one twice."""
    others = [offer for offer in offers if invite is None or offer.form != invite.form_id]
    choices = [Choice(each.title(turn.locale), f"surveys:{each.form}") for each in others[:PAGE]]
    if invite is not None:
        same = next((each for each in offers if each.form == invite.form_id), None)
        label = same.title(turn.locale) if same else turn.t("invitation.button.open")
        choices.insert(0, Choice(label, f"inv:go:{invite.campaign}"))
    return choices
