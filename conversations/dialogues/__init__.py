"""The dialogues, by name: each a conversation about one thing."""

from __future__ import annotations

from conversations.dialogues.budget import Budget
from conversations.dialogues.commitments import Commitments
from conversations.dialogues.consent import Consent
from conversations.dialogues.entitlement import EntitlementAnswers
from conversations.dialogues.handover import Handover
from conversations.dialogues.help import Help
from conversations.dialogues.invitation import Invitation
from conversations.dialogues.language import Language
from conversations.dialogues.ldf import LdfProjects
from conversations.dialogues.letter import LetterDraft
from conversations.dialogues.menu import Menu
from conversations.dialogues.place import PlaceChoice
from conversations.dialogues.privacy import Privacy
from conversations.dialogues.problem import Problem
from conversations.dialogues.results import Results
from conversations.dialogues.settings import Settings
from conversations.dialogues.stop import Stop
from conversations.dialogues.survey import SurveyDialogue
from conversations.dialogues.surveys import Surveys
from conversations.dialogues.welcome import Welcome
from conversations.turn import Dialogue

_ALL: tuple[Dialogue, ...] = (
    Welcome(),
    Language(),
    Consent(),
    PlaceChoice(),
    Menu(),
    Help(),
    Settings(),
    Stop(),
    Privacy(),
    Surveys(),
    SurveyDialogue(),
    EntitlementAnswers(),
    Budget(),
    LdfProjects(),
    Problem(),
    LetterDraft(),
    Invitation(),
    Results(),
    Commitments(),
    Handover(),
)

DIALOGUES: dict[str, Dialogue] = {dialogue.name: dialogue for dialogue in _ALL}
