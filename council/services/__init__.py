"""Every write of the council: convening, agenda, hall, votes, minutes, effects, control (S1-5, 3.11, 3.12).

Each service locks the row of its meeting first, so that two people at one meeting act one after the other, and looks
at the hall anew under that lock: quorum and tally are judged by who is present then, not by what a page showed.
"""

from council.services._shared import AlreadyDoneError
from council.services.agenda import agenda_take, item_add, item_heard, item_remove
from council.services.decisions import (
    council_remind,
    execution_move,
    execution_release,
    execution_report,
    execution_return,
)
from council.services.effects import decision_apply
from council.services.extracts import extract_prepare, extract_sign, material_copy, minutes_copy
from council.services.founding import founder_seat
from council.services.hall import (
    meeting_end,
    meeting_not_held,
    meeting_open,
    presence_arrive,
    presence_leave,
    presiding_set,
)
from council.services.minutes import (
    dissent_state,
    minutes_circulate,
    minutes_return,
    minutes_sign,
    minutes_submit,
    remark_add,
    remark_answer,
)
from council.services.planning import (
    material_add,
    material_remove,
    meeting_answer,
    meeting_cancel,
    meeting_convene,
    meeting_move,
    meeting_plan,
)
from council.services.proposals import opinion_ask, opinion_give, proposal_decline, proposal_make, proposal_take
from council.services.subjects import About
from council.services.voting import (
    agenda_vote,
    ballot_cast,
    vote_record,
    voting_close,
    voting_interrupt,
    voting_open,
)

__all__ = [
    "About",
    "AlreadyDoneError",
    "agenda_take",
    "agenda_vote",
    "ballot_cast",
    "council_remind",
    "decision_apply",
    "dissent_state",
    "execution_move",
    "execution_release",
    "execution_report",
    "execution_return",
    "extract_prepare",
    "extract_sign",
    "founder_seat",
    "item_add",
    "item_heard",
    "item_remove",
    "material_add",
    "material_copy",
    "material_remove",
    "meeting_answer",
    "meeting_cancel",
    "meeting_convene",
    "meeting_end",
    "meeting_move",
    "meeting_not_held",
    "meeting_open",
    "meeting_plan",
    "minutes_circulate",
    "minutes_copy",
    "minutes_return",
    "minutes_sign",
    "minutes_submit",
    "opinion_ask",
    "opinion_give",
    "presence_arrive",
    "presence_leave",
    "presiding_set",
    "proposal_decline",
    "proposal_make",
    "proposal_take",
    "remark_add",
    "remark_answer",
    "vote_record",
    "voting_close",
    "voting_interrupt",
    "voting_open",
]
