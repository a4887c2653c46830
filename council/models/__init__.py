"""The coordinating council: members, meetings, who was present when, agenda, votes, decisions, minutes (S1-5)."""

from council.models.agenda import AgendaItem, AgendaVote, Ballot, Dissent, ItemThing, Opinion, Proposal, Vote
from council.models.councils import Council, CouncilMember, CouncilMemberQuerySet, CouncilQuerySet, Regulation
from council.models.decisions import Decision, Execution, Extract
from council.models.meetings import Act, Answer, Material, Meeting, MeetingQuerySet, Presence, Remark

__all__ = [
    "Act",
    "AgendaItem",
    "AgendaVote",
    "Answer",
    "Ballot",
    "Council",
    "CouncilMember",
    "CouncilMemberQuerySet",
    "CouncilQuerySet",
    "Decision",
    "Dissent",
    "Execution",
    "Extract",
    "ItemThing",
    "Material",
    "Meeting",
    "MeetingQuerySet",
    "Opinion",
    "Presence",
    "Proposal",
    "Regulation",
    "Remark",
    "Vote",
]
