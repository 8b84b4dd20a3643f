"""An invitation to a survey: followed by its button, by a link or a poster, or declined."""

from __future__ import annotations

from content.wording import day
from conversations.events import Invited
from conversations.facts import Invite, OpenInvitation, Referral
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn

ELSEWHERE = ("closed", "done")
"""States in which there are results to look at instead."""


class Invitation:
    """Buttons: `inv:go:<campaign>`, `inv:no:<campaign>`, `inv:new:<campaign>`.

    Opened with `payload` (a link's) or without, for the citizen's latest invitation.
    """

    name = "invitation"
    prefix = "inv"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Lead to the survey, or say why it can't be answered now."""
        payload = frame.data.get("payload", "")
        if not payload:
            campaign = turn.world.get(OpenInvitation())
            payload = f"inv:{campaign}" if campaign else ""
        invite = turn.world.get(Referral(payload)) if payload else None
        self._leave(turn, frame)
        if invite is None:
            turn.say(turn.t("router.affirm"), [Choice(turn.t("menu.title"), "go:menu")])
            turn.resume()
        else:
            self._follow(turn, invite)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """A button of an invitation."""
        tapped = turn.tapped(self.prefix)
        action, _, campaign = (tapped or "").partition(":")
        if action not in ("go", "no", "new") or not campaign:
            return False
        invite = turn.world.get(Referral(f"inv:{campaign}"))
        if invite is None:
            return False
        self._leave(turn, frame)
        if action == "no":
            turn.emit(Invited(campaign, "refused", invite.facility))
            turn.say(turn.t("invitation.declined"), [Choice(turn.t("menu.title"), "go:menu")])
        else:
            self._follow(turn, invite, anew=action == "new")
        return True

    def _follow(self, turn: Turn, invite: Invite, *, anew: bool = False) -> None:
        if invite.state != "open":
            self._not_now(turn, invite)
            return
        running = [f for f in turn.state.stack if f.dialogue == "survey" and f.step]
        if any(frame.data.get("campaign") == invite.campaign for frame in running):
            turn.state.stack = [f for f in turn.state.stack if f not in running] + running[-1:]
            turn.prompt()
            return
        if running and not anew:
            turn.say(
                turn.t("invitation.unfinished"),
                [
                    Choice(turn.t("menu.continue"), "go:continue"),
                    Choice(turn.t("invitation.button.new"), f"inv:new:{invite.campaign}"),
                ],
            )
            return
        # The question which survey it should be is answered by this.
        turn.state.stack = [frame for frame in turn.state.stack if frame.dialogue != "surveys"]
        turn.emit(Invited(invite.campaign, "opened", invite.facility, invite.via))
        if invite.is_test:
            turn.say(turn.t("invitation.test"))
        turn.open(
            "survey",
            form=invite.form,
            campaign=invite.campaign,
            facility=invite.facility,
            place=turn.state.place,
            is_test=invite.is_test,
        )

    def _not_now(self, turn: Turn, invite: Invite) -> None:
        when = day(invite.opens.date(), turn.locale) if invite.opens else ""
        choices = [Choice(turn.t("menu.title"), "go:menu")]
        if invite.state in ELSEWHERE:
            choices.insert(0, Choice(turn.t("results.button.results"), "go:results"))
        turn.say(turn.t(f"invitation.{invite.state}", day=when), choices)

    @staticmethod
    def _leave(turn: Turn, frame: Frame) -> None:
        turn.state.stack = [other for other in turn.state.stack if other is not frame]
