"""Who may open which address: one row for each, against the objects of `world` between schools No. 7 and No. 40.

Whoever is not named in a row gets `others`. «hidden» is 404: the thing's existence is not told; «refused» is 403.
"""

from __future__ import annotations

from dataclasses import dataclass

GET, POST = "get", "post"
EVERYONE = (
    "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 curator12 "
    "coordinator40 teacher40 teacher12 class7 class40 class12 member secretary parent parent12 pupil admin nobody"
)
#: Whoever is in school No. 12 sees nothing of an agreement between the two others.
STAFF_12 = "director12 deputy12 responsible12 curator12"
OTHER_OFFICES = "director40 director12 deputy40 deputy12 responsible12"
#: Whoever is in the gymnasium sees nothing of an agreement between the two others.
NO_PARTY = "director40 deputy40 coordinator40"
SEES_NO_DRAFT = f"director40 deputy40 coordinator40 {STAFF_12}"
SETTLE = "director7 deputy7 responsible7 director12 deputy12 responsible12"
NOT_THE_HOST = "director7 director12 deputy7 deputy12 responsible7 responsible12"
KEEPERS_7, KEEPERS_ELSEWHERE = "deputy7 responsible7", "deputy40 deputy12 responsible12"
#: Who keeps a school's list of pupils.
KEEPERS = f"{KEEPERS_7} {KEEPERS_ELSEWHERE}"
#: Whoever reads the list of pupils of another school.
READERS_ELSEWHERE = "director40 director12 deputy40 deputy12 responsible12 curator12 coordinator40 class40 class12"
#: Staff of the schools of the network, and who sits in its council.
NETWORK_STAFF = (
    "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40 member "
    "secretary"
)
ALLOCATORS = "deputy7 deputy40 deputy12 coordinator40"
NOT_ALLOCATORS = "director7 director40 director12 responsible7 responsible12 member secretary"
SCHOOL_STAFF_ALL = "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40"
ORDER_READERS = f"{SCHOOL_STAFF_ALL} curator7 curator12 class7 class40 class12 teacher40 teacher12"
SCHOOL_ORDER_7 = "director7 director40 deputy7 deputy40 responsible7 curator7 coordinator40 class7"
CONTRACT_PARTIES = "director7 director40 deputy7 deputy40 responsible7 coordinator40 parent"
PARTIES = "director7 director40 deputy7 deputy40 responsible7 curator7 coordinator40"
#: Who concludes agreements on the simple electronic signature in school No. 7, and in the others.
SIGNING_7 = "director7 deputy7 responsible7"
SIGNING_OTHERS = "director40 director12 deputy40 deputy12 responsible12 coordinator40"

#: Who enters applications from paper, in any school.
CLERKS = "deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40"
OTHER_CLERKS = "deputy40 deputy12 responsible12 coordinator40"
KEEPERS = "deputy7 deputy40 deputy12 responsible7 responsible12"

#: Who manages how a school takes transfers, in any school.
ENDPOINT_MANAGERS_ALL = "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12"
#: Who sees all lines of a transfer from the gymnasium to school No. 7.
TRANSFER_READERS = "director7 director40 deputy7 deputy40 responsible7 curator7 coordinator40 teacher40"


#: Who sees the register of a class of school No. 7.
REGISTER_7 = "director7 deputy7 responsible7 curator7"
#: Who reads a certificate that the gymnasium gave to a pupil of school No. 7.
CERTIFICATE_READERS = "director7 director40 deputy7 deputy40 responsible7 curator7 coordinator40 class7 parent pupil"
#: Who reads the live journal of the group between schools No. 7, No. 12 and the gymnasium.
LIVE_READERS = "director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40 teacher40"
#: Who may follow own pupils in journals of other schools.
AT_HOME = "deputy7 deputy40 deputy12 responsible7 responsible12 curator7 curator12 coordinator40"


@dataclass(frozen=True)
class Row:
    """A row of the matrix.

    Attributes:
        method: how the address is asked.
        thing: the key of `World.pks` that its numbers come from.
        may: who is let through; what the page then says is tested elsewhere.
        others: what the rest get, 404 or 403.
        hidden: who gets 404 where the others get 403.
        refused: who gets 403 where the others get 404.
        public: whether one may ask without signing in.
    """

    method: str
    thing: str
    may: str
    others: int = 404
    hidden: str = ""
    refused: str = ""
    public: bool = False

    def verdict(self, who: str) -> str:
        """Tell what `who` gets: «may», «refused» or «hidden»."""
        for names, word in ((self.may, "may"), (self.hidden, "hidden"), (self.refused, "refused")):
            if who in names.split():
                return word
        return {403: "refused", 404: "hidden"}[self.others]


MATRIX = {
    "healthz": Row(GET, "", EVERYONE, public=True),
    "readyz": Row(GET, "", EVERYONE, public=True),
    "home": Row(GET, "", EVERYONE),
    "low_vision": Row(POST, "", EVERYONE, public=True),
    "notice_list": Row(GET, "", EVERYONE),
    "notices_read": Row(POST, "", EVERYONE),
    "document_check_form": Row(GET, "", EVERYONE, public=True),
    "document_check": Row(GET, "paper", EVERYONE, public=True),
    "document_check_number": Row(GET, "", EVERYONE, public=True),
    "document_check_file": Row(POST, "paper", EVERYONE, public=True),
    "document_kind_list": Row(GET, "", "admin", others=403),
    "index": Row(GET, "", EVERYONE, public=True),
    "agreement_public_list": Row(GET, "", EVERYONE, public=True),
    "acting_switch": Row(POST, "", EVERYONE),
    "child_list": Row(GET, "", "parent parent12 nobody", others=403),
    "guardian_claim_create": Row(GET, "", EVERYONE),
    "guardian_claim_list": Row(
        GET, "", "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12", others=403
    ),
    "guardian_claim": Row(GET, "claim", "director7 deputy7 responsible7", others=403, hidden=OTHER_OFFICES),
    "guardian_claim_verify": Row(POST, "claim", "director7 deputy7 responsible7", others=403, hidden=OTHER_OFFICES),
    "guardian_claim_refuse": Row(POST, "claim", "director7 deputy7 responsible7", others=403, hidden=OTHER_OFFICES),
    "guardian_link_end": Row(POST, "link", "director7 deputy7 responsible7", others=403, hidden=OTHER_OFFICES),
    "guardian_link_grant": Row(POST, "link", "director7 deputy7 responsible7", others=403, hidden=OTHER_OFFICES),
    "student_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 curator12 "
        "coordinator40 class7 class40 class12",
        others=403,
    ),
    "student_create": Row(GET, "", KEEPERS, others=403),
    "student": Row(
        GET, "student", "director7 deputy7 responsible7 curator7 class7", others=403, hidden=READERS_ELSEWHERE
    ),
    "student_edit": Row(GET, "student", KEEPERS_7, others=403, hidden=READERS_ELSEWHERE),
    "student_move": Row(POST, "student", KEEPERS_7, others=403, hidden=READERS_ELSEWHERE),
    "student_leave": Row(POST, "student", KEEPERS_7, others=403, hidden=READERS_ELSEWHERE),
    "student_return": Row(POST, "student", KEEPERS_7, others=403, hidden=READERS_ELSEWHERE),
    "guardian_policy": Row(POST, "student", KEEPERS_7, others=403, hidden=READERS_ELSEWHERE),
    "guardian_expected_add": Row(POST, "student", KEEPERS_7, others=403, hidden=READERS_ELSEWHERE),
    "guardian_expected_remove": Row(POST, "expected", KEEPERS_7, others=403, hidden=KEEPERS_ELSEWHERE),
    "pupil_account_offer": Row(POST, "student", f"{KEEPERS_7} class7", others=403, hidden=READERS_ELSEWHERE),
    "pupil_account_take": Row(GET, "account_offer", "nobody"),
    "pupil_account_end": Row(
        POST, "account", f"{KEEPERS_7} class7", others=403, hidden=f"{KEEPERS_ELSEWHERE} class40 class12"
    ),
    "class_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 curator12 "
        "coordinator40 class7 class40 class12",
        others=403,
    ),
    "import_list": Row(GET, "", KEEPERS, others=403),
    "import_sample": Row(GET, "", KEEPERS, others=403),
    "import": Row(GET, "import", KEEPERS_7, others=403, hidden=KEEPERS_ELSEWHERE),
    "import_confirm": Row(POST, "import", KEEPERS_7, others=403, hidden=KEEPERS_ELSEWHERE),
    "import_refresh": Row(POST, "import", KEEPERS_7, others=403, hidden=KEEPERS_ELSEWHERE),
    "import_cancel": Row(POST, "import", KEEPERS_7, others=403, hidden=KEEPERS_ELSEWHERE),
    "import_rejected": Row(GET, "import", KEEPERS_7, others=403, hidden=KEEPERS_ELSEWHERE),
    "duty_list": Row(GET, "", "director7 director40 director12", others=403),
    "duty_offer_list": Row(GET, "", EVERYONE),
    "duty_take": Row(POST, "duty_offer", "nobody"),
    "duty_offer_withdraw": Row(POST, "duty_offer", "director7", others=403, hidden="director40 director12"),
    "duty_end": Row(POST, "duty", "director7"),
    "basis_list": Row(GET, "", "director7 director40 director12", others=403),
    "basis_end": Row(POST, "basis", "director7"),
    "demo_letters": Row(GET, "", ""),
    "signing_code": Row(GET, "", EVERYONE),
    "signing_link": Row(GET, "token", ""),
    "signing_agreement_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40",
        others=403,
    ),
    "signing_agreement_create": Row(GET, "newcomer", SIGNING_7, others=403, hidden=SIGNING_OTHERS),
    "signing_agreement": Row(GET, "signing", SIGNING_7, others=403, hidden=SIGNING_OTHERS),
    "signing_agreement_print": Row(GET, "signing", SIGNING_7, others=403, hidden=SIGNING_OTHERS),
    "signing_agreement_scan": Row(GET, "signing", SIGNING_7, others=403, hidden=SIGNING_OTHERS),
    "signing_agreement_register": Row(POST, "signing", SIGNING_7, others=403, hidden=SIGNING_OTHERS),
    "signing_agreement_end": Row(POST, "signing", SIGNING_7, others=403, hidden=SIGNING_OTHERS),
    "paper_signatures": Row(GET, "signed", PARTIES, others=403, hidden=STAFF_12),
    "paper_signatures_pdf": Row(GET, "signed", PARTIES, others=403, hidden=STAFF_12),
    "paper_file": Row(GET, "signed_file", "", others=403, hidden=f"{PARTIES} {STAFF_12}"),
    "paper_sign_elsewhere": Row(GET, "signed", PARTIES, others=403, hidden=STAFF_12),
    "paper_remind": Row(POST, "signed", PARTIES.replace(" curator7", ""), others=403, hidden=STAFF_12),
    "agreement_public_pdf": Row(GET, "agreement", EVERYONE, public=True),
    "agreement_copy_pdf": Row(GET, "agreement", PARTIES, others=403, hidden=STAFF_12),
    "agreement_protocol_pdf": Row(GET, "agreement", "", others=403, hidden=f"{PARTIES} {STAFF_12}"),
    "agreement_agree": Row(POST, "disputed", "director7 deputy7 responsible7", others=403, hidden=NO_PARTY),
    "agreement_return": Row(POST, "disputed", "director7 deputy7 responsible7", others=403, hidden=NO_PARTY),
    "disagreement_add": Row(
        POST,
        "disputed",
        "director7 deputy7 responsible7 director12 deputy12 responsible12",
        others=403,
        hidden=NO_PARTY,
    ),
    "disagreements_close": Row(
        POST,
        "disputed",
        "director7 deputy7 responsible7 director12 deputy12 responsible12",
        others=403,
        hidden=NO_PARTY,
    ),
    "disagreement_settle": Row(
        POST,
        "disagreement",
        SETTLE,
        others=403,
        hidden="director40 deputy40",
    ),
    "agreement_publish": Row(GET, "agreement", "director7 deputy7 responsible7", others=403, hidden=STAFF_12),
    "agreement_contacts": Row(
        GET, "agreement", "director7 deputy7 responsible7 director40 deputy40", others=403, hidden=STAFF_12
    ),
    "agreement_duty_done": Row(POST, "agreement_duty", "director7 deputy7 responsible7", others=403, hidden=STAFF_12),
    "amendment_create": Row(
        GET, "agreement", "director7 deputy7 responsible7 director40 deputy40", others=403, hidden=STAFF_12
    ),
    "amendment_edit": Row(
        GET,
        "amendment",
        "director7 deputy7 responsible7",
        others=403,
        hidden=SEES_NO_DRAFT,
    ),
    "amendment_send": Row(
        POST,
        "amendment",
        "director7 deputy7 responsible7",
        others=403,
        hidden=SEES_NO_DRAFT,
    ),
    "amendment_drop": Row(
        POST,
        "amendment",
        "director7 deputy7 responsible7",
        others=403,
        hidden=SEES_NO_DRAFT,
    ),
    "amendment_sign": Row(POST, "amendment", "director7", others=403, hidden=SEES_NO_DRAFT),
    "amendment_refuse": Row(POST, "amendment", "director7", others=403, hidden=SEES_NO_DRAFT),
    "amendment_pdf": Row(GET, "amendment", "", others=403, hidden=f"{PARTIES} {STAFF_12}"),
    "amendment_copy_pdf": Row(GET, "amendment", "", others=403, hidden=f"{PARTIES} {STAFF_12}"),
    "agreement_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 "
        "curator12 coordinator40",
        others=403,
    ),
    "agreement_create": Row(
        GET, "", "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12", others=403
    ),
    "agreement": Row(GET, "agreement", PARTIES, others=403, hidden=STAFF_12),
    "agreement_edit": Row(GET, "agreement", "director7 deputy7 responsible7", others=403, hidden=STAFF_12),
    "agreement_pdf": Row(GET, "agreement", PARTIES, others=403, hidden=STAFF_12),
    "agreement_send": Row(POST, "agreement", "director7 deputy7 responsible7", others=403, hidden=STAFF_12),
    "agreement_sign": Row(POST, "agreement", "director7 director40", others=403, hidden=STAFF_12),
    "agreement_refuse": Row(POST, "agreement", "director7 director40", others=403, hidden=STAFF_12),
    "agreement_suspend": Row(POST, "agreement", "director7 director40", others=403, hidden=STAFF_12),
    "agreement_resume": Row(POST, "agreement", "director7 director40", others=403, hidden=STAFF_12),
    "agreement_end": Row(POST, "agreement", "director7 director40", others=403, hidden=STAFF_12),
    "catalogue": Row(GET, "", EVERYONE, public=True),
    "catalogue_course": Row(GET, "catalogue", EVERYONE, public=True),
    "course_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40",
        others=403,
    ),
    "course_create": Row(GET, "", "deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40", others=403),
    "course": Row(GET, "course", "director40 deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "course_edit": Row(GET, "course", "deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "course_publish": Row(POST, "course", "deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "course_close": Row(POST, "course", "deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "group_create": Row(GET, "course", "deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "group_edit": Row(GET, "group", "deputy40 coordinator40", refused="director40 teacher40"),
    "group_timetable": Row(GET, "group", "deputy40 coordinator40", refused="director40 teacher40"),
    "programme_policy": Row(GET, "programme", "director40 deputy40 coordinator40 teacher40"),
    "school_policy": Row(GET, "", "deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40", others=403),
    "slot_remove": Row(POST, "slot", "deputy40 coordinator40", refused="director40 teacher40"),
    "application_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 "
        "curator12 coordinator40 class7 class40 class12 parent parent12 pupil",
        others=403,
    ),
    "application_create": Row(GET, "", "parent parent12", others=403),
    "application": Row(GET, "application", "director7 deputy7 responsible7 curator7 class7 parent pupil"),
    "application_courses": Row(
        GET, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_form": Row(
        GET, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_details": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_sheet": Row(
        GET, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_form_print": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_blank": Row(GET, "application", "", refused="director7 deputy7 responsible7 curator7 class7 pupil"),
    "paper_find": Row(GET, "", CLERKS, others=403),
    "paper_enter": Row(GET, "", CLERKS, others=403),
    "paper_register": Row(GET, "form", "deputy7 responsible7", others=403, hidden=OTHER_CLERKS),
    "family_told": Row(POST, "call", "deputy7 responsible7"),
    "leave_create": Row(
        GET,
        "enrolment",
        "parent",
        refused="director7 director40 deputy7 deputy40 responsible7 curator7 coordinator40 teacher40 class7 pupil",
    ),
    "leave": Row(GET, "leave", "director7 deputy7 responsible7 curator7 parent pupil"),
    "leave_pdf": Row(GET, "leave", "director7 deputy7 responsible7 curator7 parent pupil"),
    "leave_withdraw": Row(POST, "leave", "parent", refused="director7 deputy7 responsible7 curator7 pupil"),
    "school_week": Row(GET, "", KEEPERS, others=403),
    "class_week": Row(GET, "class", "deputy7 responsible7", others=403, hidden="deputy40 deputy12 responsible12"),
    "application_waitlist": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_check": Row(
        GET, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_sign": Row(
        GET, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_consents": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_preview": Row(GET, "application", "", refused="director7 deputy7 responsible7 curator7 class7 pupil"),
    "application_pdf": Row(GET, "application", "director7 deputy7 responsible7 curator7 class7 parent pupil"),
    "application_withdraw": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_accept": Row(
        POST, "application", "director7 deputy7 responsible7", refused="curator7 class7 parent pupil"
    ),
    "application_return": Row(
        POST, "application", "director7 deputy7 responsible7", refused="curator7 class7 parent pupil"
    ),
    "application_refuse": Row(
        POST, "application", "director7 deputy7 responsible7", refused="curator7 class7 parent pupil"
    ),
    "application_guardians": Row(
        GET, "application", "director7 deputy7 responsible7 curator7 class7 parent", refused="pupil"
    ),
    "application_confirm": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_object": Row(
        POST, "application", "parent", refused="director7 deputy7 responsible7 curator7 class7 pupil"
    ),
    "application_pupil_word": Row(
        POST, "application", "deputy7 responsible7", refused="director7 curator7 class7 parent pupil"
    ),
    "own_word": Row(GET, "", "pupil", others=403),
    "consent_withdraw": Row(GET, "consent", "parent", refused="director7 deputy7 responsible7 pupil"),
    "consent_pdf": Row(GET, "consent", "director7 deputy7 responsible7 parent pupil"),
    "request_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 "
        "curator12 coordinator40",
        others=403,
    ),
    "request_create": Row(GET, "", "deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40", others=403),
    "request": Row(GET, "request", PARTIES),
    "request_add": Row(
        POST, "request", "deputy7 responsible7", refused="director7 director40 deputy40 curator7 coordinator40"
    ),
    "request_submit": Row(
        POST, "request", "deputy7 responsible7", refused="director7 director40 deputy40 curator7 coordinator40"
    ),
    "request_sign": Row(
        GET, "request", "director7", refused="director40 deputy7 deputy40 responsible7 curator7 coordinator40"
    ),
    "request_return": Row(
        POST, "request", "director7", refused="director40 deputy7 deputy40 responsible7 curator7 coordinator40"
    ),
    "request_send": Row(
        POST, "request", "deputy7 responsible7", refused="director7 director40 deputy40 curator7 coordinator40"
    ),
    "request_pdf": Row(GET, "request", PARTIES),
    "request_answer": Row(GET, "request", PARTIES),
    "order_create": Row(
        GET, "request", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 curator7"
    ),
    "request_remove": Row(
        POST, "line", "deputy7 responsible7", refused="director7 director40 deputy40 curator7 coordinator40"
    ),
    "line_accept": Row(
        POST, "line", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 curator7"
    ),
    "line_waitlist": Row(
        POST, "line", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 curator7"
    ),
    "line_refuse": Row(
        POST, "line", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 curator7"
    ),
    "reconciliation": Row(GET, "", "deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40", others=403),
    "reconciliation_correct": Row(
        POST,
        "enrolment",
        "deputy7 deputy40 responsible7 coordinator40",
        refused="director7 director40 curator7 class7 teacher40 parent pupil",
    ),
    "order_acquaint": Row(POST, "order", "director7 director40 deputy7 deputy40 responsible7 coordinator40 teacher40"),
    "order_sheet": Row(GET, "order", "director7 director40 deputy7 deputy40 responsible7 coordinator40 teacher40"),
    "order_change": Row(
        GET, "order", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 teacher40"
    ),
    "school_order_list": Row(GET, "", ORDER_READERS, others=403),
    "school_order_create": Row(
        GET, "host_year", "deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40", others=403
    ),
    "school_order": Row(GET, "school_order", SCHOOL_ORDER_7),
    "school_order_sign": Row(
        GET,
        "school_order",
        "director7",
        refused="director40 deputy7 deputy40 responsible7 curator7 coordinator40 class7",
    ),
    "school_order_return": Row(
        POST,
        "school_order",
        "director7",
        refused="director40 deputy7 deputy40 responsible7 curator7 coordinator40 class7",
    ),
    "school_order_pdf": Row(GET, "school_order", SCHOOL_ORDER_7),
    "school_order_change": Row(
        GET,
        "school_order",
        "deputy7 responsible7",
        refused="director7 director40 deputy40 curator7 coordinator40 class7",
    ),
    "school_order_acquaint": Row(POST, "school_order", SCHOOL_ORDER_7),
    "school_order_sheet": Row(GET, "school_order", SCHOOL_ORDER_7),
    "leaving_list": Row(GET, "", f"{SCHOOL_STAFF_ALL} curator7 curator12", others=403),
    "mapping_list": Row(GET, "", SCHOOL_STAFF_ALL, others=403),
    "mapping": Row(GET, "mapped", "deputy7 deputy12 responsible7 responsible12"),
    "line_special": Row(
        POST, "line", "deputy7 responsible7", refused="director7 director40 deputy40 curator7 coordinator40"
    ),
    "contract_create": Row(
        POST, "line", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 curator7"
    ),
    "contract": Row(GET, "contract", CONTRACT_PARTIES),
    "contract_sign": Row(
        GET, "contract", "director7 director40 parent", refused="deputy7 deputy40 responsible7 coordinator40"
    ),
    "contract_refuse": Row(
        POST, "contract", "director7 director40 parent", refused="deputy7 deputy40 responsible7 coordinator40"
    ),
    "contract_pdf": Row(GET, "contract", CONTRACT_PARTIES),
    "order": Row(GET, "order", "director7 director40 deputy7 deputy40 responsible7 coordinator40 teacher40"),
    "order_sign": Row(
        GET, "order", "director40", refused="director7 deputy7 deputy40 responsible7 coordinator40 teacher40"
    ),
    "order_return": Row(
        POST, "order", "director40", refused="director7 deputy7 deputy40 responsible7 coordinator40 teacher40"
    ),
    "order_pdf": Row(GET, "order", "director7 director40 deputy7 deputy40 responsible7 coordinator40 teacher40"),
    "group_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 "
        "curator12 coordinator40 teacher40 teacher12 class7 class40 class12",
        others=403,
    ),
    "group": Row(
        GET,
        "group",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 curator7 "
        "curator12 coordinator40 teacher40 class7 class12",
    ),
    "group_open": Row(
        POST,
        "group",
        "director40 deputy40 coordinator40",
        others=403,
        hidden="teacher12 class40 member secretary parent parent12 pupil admin nobody",
    ),
    "group_close": Row(
        POST,
        "group",
        "director40 deputy40 coordinator40",
        others=403,
        hidden="teacher12 class40 member secretary parent parent12 pupil admin nobody",
    ),
    "group_dates": Row(
        GET,
        "group",
        "deputy40 coordinator40",
        others=403,
        hidden="teacher12 class40 member secretary parent parent12 pupil admin nobody",
    ),
    "allocation_list": Row(
        GET,
        "",
        "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40 member "
        "secretary",
        others=403,
    ),
    "allocation_start": Row(POST, "", ALLOCATORS, others=403),
    "allocation": Row(GET, "allocation", NETWORK_STAFF),
    "allocation_compute": Row(POST, "allocation", ALLOCATORS, refused=NOT_ALLOCATORS),
    "allocation_cancel": Row(POST, "allocation", ALLOCATORS, refused=NOT_ALLOCATORS),
    "allocation_confirm": Row(
        POST,
        "allocation",
        "director7 director40 director12 deputy7 deputy40 deputy12",
        refused="responsible7 responsible12 coordinator40 member secretary",
    ),
    "allocation_decision": Row(
        POST,
        "allocation",
        "director7 director40 director12",
        refused="deputy7 deputy40 deputy12 responsible7 responsible12 coordinator40 member secretary",
    ),
    "allocation_answer": Row(POST, "allocation", ALLOCATORS, refused=NOT_ALLOCATORS),
    "allocation_quota": Row(POST, "allocation", ALLOCATORS, refused=NOT_ALLOCATORS),
    "seat_fix": Row(POST, "place", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7"),
    "seat_lift": Row(POST, "place", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7"),
    "queue": Row(GET, "course", "director40 deputy40 coordinator40"),
    "queue_offer": Row(POST, "course", "deputy40 coordinator40", refused="director40"),
    "queue_skip": Row(
        POST, "line", "deputy40 coordinator40", refused="director7 director40 deputy7 responsible7 curator7"
    ),
    "offer_accept": Row(
        POST, "offer", "parent", refused="director7 director40 deputy7 deputy40 responsible7 coordinator40"
    ),
    "offer_decline": Row(
        POST, "offer", "parent", refused="director7 director40 deputy7 deputy40 responsible7 coordinator40"
    ),
    "journal_list": Row(GET, "", EVERYONE),
    "journal": Row(
        GET, "journal", "director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40 teacher40"
    ),
    "journal_print": Row(
        GET, "journal", "director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40 teacher40"
    ),
    "journal_print_pdf": Row(GET, "print", "director40 deputy40 coordinator40 teacher40"),
    "lesson_roll": Row(
        GET,
        "lesson",
        "teacher40",
        refused="director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40",
    ),
    "lesson_cells": Row(
        POST,
        "lesson",
        "teacher40",
        refused="director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40",
    ),
    "journal_cells": Row(
        POST,
        "journal",
        "teacher40",
        refused="director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40",
    ),
    "school_test_list": Row(
        GET, "", "deputy7 deputy40 deputy12 responsible7 responsible12 curator7 curator12", others=403
    ),
    "school_test_remove": Row(
        POST,
        "school_test",
        "deputy7 responsible7 curator7",
        others=403,
        hidden="deputy40 deputy12 responsible12 curator12",
    ),
    "term_marks": Row(GET, "journal", LIVE_READERS),
    "journal_cell_history": Row(
        GET, "journal_line", "director40 deputy40 responsible7 curator7 coordinator40 teacher40"
    ),
    "journal_plan": Row(
        POST,
        "journal",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "lesson_today": Row(GET, "", EVERYONE),
    "lesson": Row(
        GET, "lesson", "director40 deputy40 responsible7 responsible12 curator7 curator12 coordinator40 teacher40"
    ),
    "lesson_cancel": Row(
        POST,
        "lesson",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "lesson_restore": Row(
        POST,
        "lesson",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "lesson_move": Row(
        GET,
        "lesson",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "lesson_substitute": Row(
        POST,
        "lesson",
        "deputy40 coordinator40",
        refused="director40 responsible7 responsible12 curator7 curator12 teacher40",
    ),
    "lesson_remote": Row(
        POST,
        "lesson",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "lesson_on_site": Row(
        POST,
        "remote",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "lesson_add": Row(
        GET,
        "journal",
        "deputy40 coordinator40 teacher40",
        refused="director40 responsible7 responsible12 curator7 curator12",
    ),
    "group_hours": Row(GET, "journal", LIVE_READERS),
    "lesson_escort": Row(GET, "lesson", LIVE_READERS),
    "homework_file_add": Row(POST, "lesson", "teacher40", refused=LIVE_READERS.replace(" teacher40", "")),
    "homework_file": Row(GET, "homework", f"{LIVE_READERS} parent parent12 pupil"),
    "homework_file_remove": Row(
        POST, "homework", "teacher40", refused=f"{LIVE_READERS.replace(' teacher40', '')} parent parent12 pupil"
    ),
    "thread_list": Row(GET, "", f"{AT_HOME} teacher40 teacher12", others=403),
    "thread": Row(GET, "thread", "deputy40 coordinator40 teacher40 deputy7 responsible7 curator7"),
    "absence_list": Row(GET, "", f"{AT_HOME} class7 class40 class12", others=403),
    "absence_refine": Row(GET, "absence", "responsible7 curator7 class7"),
    "absence_tell": Row(GET, "", "parent parent12", others=403),
    "absence_withdraw": Row(POST, "told", "parent", others=403, hidden="parent12"),
    "programme_plan": Row(GET, "programme", "director40 deputy40 coordinator40 teacher40"),
    "diary": Row(GET, "", EVERYONE),
    "certificate_list": Row(
        GET,
        "",
        f"{SCHOOL_STAFF_ALL} curator7 curator12 class7 class40 class12 parent parent12 pupil",
        others=403,
    ),
    "certificate_book": Row(GET, "", SCHOOL_STAFF_ALL, others=403),
    "certificate_book_xlsx": Row(GET, "", SCHOOL_STAFF_ALL, others=403),
    "certificate_group": Row(GET, "group", "director40 deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "certificate_prepare": Row(POST, "group", "deputy40 coordinator40", others=403, hidden=NOT_THE_HOST),
    "certificate": Row(GET, "certificate", CERTIFICATE_READERS),
    "certificate_pdf": Row(GET, "certificate", CERTIFICATE_READERS),
    "certificate_sign": Row(GET, "certificate", "director40", refused=CERTIFICATE_READERS),
    "certificate_return": Row(POST, "certificate", "director40", refused=CERTIFICATE_READERS),
    "certificate_hand_out": Row(GET, "certificate", "deputy40 coordinator40", refused=CERTIFICATE_READERS),
    "certificate_receive": Row(POST, "certificate", "parent pupil", refused=CERTIFICATE_READERS),
    "certificate_annul": Row(GET, "certificate", "director40 deputy40", refused=CERTIFICATE_READERS),
    "certificate_duplicate": Row(POST, "certificate", "deputy40 coordinator40", refused=CERTIFICATE_READERS),
    "study": Row(GET, "", "pupil", others=403),
    "diary_course": Row(GET, "enrolment", "parent pupil"),
    "diary_viewers": Row(GET, "", "parent parent12 pupil", others=403),
    "transfer_list": Row(GET, "", EVERYONE),
    "transfer_seal": Row(POST, "", ""),
    "transfer_seal_all": Row(POST, "", "", others=403, hidden="deputy7 deputy40 deputy12 coordinator40"),
    "push_endpoint": Row(
        GET, "", "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12", others=403
    ),
    "push_endpoint_rotate": Row(
        POST, "", "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12", others=403
    ),
    "push_endpoint_remove": Row(
        POST, "", "director7 director40 director12 deputy7 deputy40 deputy12 responsible7 responsible12", others=403
    ),
    "transfer_mail": Row(POST, "", ENDPOINT_MANAGERS_ALL, others=403),
    "api_key_issue": Row(POST, "", ENDPOINT_MANAGERS_ALL, others=403),
    "api_key_revoke": Row(
        POST,
        "api_key",
        "director7 deputy7 responsible7",
        others=403,
        hidden="director40 director12 deputy40 deputy12 responsible12",
    ),
    "transfer": Row(GET, "transfer", f"{TRANSFER_READERS} class7 parent pupil"),
    "transfer_pdf": Row(GET, "transfer", TRANSFER_READERS, refused="class7 parent pupil"),
    "transfer_json": Row(GET, "transfer", TRANSFER_READERS, refused="class7 parent pupil"),
    "transfer_zip": Row(GET, "transfer", TRANSFER_READERS, refused="class7 parent pupil"),
    "transfer_acknowledge": Row(
        POST,
        "transfer",
        "deputy7 responsible7 curator7",
        refused="director7 director40 deputy40 coordinator40 teacher40 class7 parent pupil",
    ),
    "transfer_dispute": Row(
        GET,
        "transfer",
        "deputy7 responsible7 curator7",
        refused="director7 director40 deputy40 coordinator40 teacher40 class7 parent pupil",
    ),
    "transfer_correct": Row(
        POST,
        "transfer",
        "deputy40 coordinator40",
        refused="director7 director40 deputy7 responsible7 curator7 teacher40 class7 parent pupil",
    ),
    "transfer_push_retry": Row(
        POST,
        "transfer",
        "director7 deputy7 deputy40 responsible7 coordinator40",
        refused="director40 curator7 teacher40 class7 parent pupil",
    ),
    "correction_request": Row(
        GET,
        "transfer",
        "teacher40",
        refused="director7 director40 deputy7 deputy40 responsible7 curator7 coordinator40 class7 parent pupil",
    ),
    "dispute_accept": Row(
        POST,
        "dispute",
        "deputy40 coordinator40",
        refused="director7 director40 deputy7 responsible7 curator7 teacher40",
    ),
    "dispute_reject": Row(
        GET,
        "dispute",
        "deputy40 coordinator40",
        refused="director7 director40 deputy7 responsible7 curator7 teacher40",
    ),
    "correction": Row(GET, "correction", "director40 deputy40 coordinator40 teacher40"),
    "correction_write": Row(POST, "correction", "teacher40", refused="director40 deputy40 coordinator40"),
    "correction_approve": Row(POST, "correction", "deputy40", refused="director40 coordinator40 teacher40"),
    "correction_refuse": Row(POST, "correction", "deputy40", refused="director40 coordinator40 teacher40"),
    "correction_close": Row(POST, "correction", "deputy40 coordinator40", refused="director40 teacher40"),
    "intake_list": Row(GET, "", EVERYONE),
    "intake": Row(GET, "intake", "director7 deputy7 responsible7 curator7"),
    "intake_acknowledge": Row(POST, "intake", "deputy7 responsible7 curator7", refused="director7"),
    "intake_dispute": Row(GET, "intake", "deputy7 responsible7 curator7", refused="director7"),
    "intake_reply_retry": Row(POST, "intake_reply", "deputy7 responsible7 curator7", refused="director7"),
    "intake_match": Row(GET, "intake_line", "deputy7 responsible7 curator7", refused="director7"),
    # programs show a key: without one everybody gets 401
    "api:api-root": Row(GET, "", EVERYONE, public=True),
    "api:openapi-json": Row(GET, "", EVERYONE, public=True),
    "card_list": Row(GET, "", EVERYONE),
    "card_compose": Row(POST, "", ""),
    "card": Row(GET, "card", f"{TRANSFER_READERS} class7 parent pupil"),
    "card_pdf": Row(GET, "card", TRANSFER_READERS, refused="class7 parent pupil"),
    "card_sign": Row(
        GET,
        "card",
        "teacher40 deputy40 director40",
        refused="director7 deputy7 responsible7 curator7 coordinator40 class7 parent pupil",
    ),
    "card_return": Row(
        POST,
        "card",
        "teacher40 deputy40 director40",
        refused="director7 deputy7 responsible7 curator7 coordinator40 class7 parent pupil",
    ),
    "card_annul": Row(
        GET,
        "card",
        "deputy40 director40",
        refused="director7 deputy7 responsible7 curator7 coordinator40 teacher40 class7 parent pupil",
    ),
    "card_receive": Row(
        POST,
        "card",
        "deputy7 responsible7 curator7",
        refused="director7 director40 deputy40 coordinator40 teacher40 class7 parent pupil",
    ),
    "card_verify": Row(
        POST,
        "card",
        "deputy7",
        refused="director7 responsible7 curator7 director40 deputy40 coordinator40 teacher40 class7 parent pupil",
    ),
    "register": Row(GET, "class", f"{REGISTER_7} class7"),
    "register_carry": Row(POST, "class", "class7", refused=REGISTER_7),
    "register_print": Row(POST, "class", f"{REGISTER_7} class7"),
    "register_slips": Row(GET, "class", f"{REGISTER_7} class7"),
    "register_print_pdf": Row(GET, "register_print", f"{REGISTER_7} class7"),
    "api:transfers": Row(GET, "", EVERYONE, public=True),
    "api:transfer": Row(GET, "api_transfer", EVERYONE, public=True),
    "api:transfer_receive": Row(POST, "", EVERYONE, public=True),
    "api:receipt_receive": Row(POST, "receipt", EVERYONE, public=True),
    "council": Row(GET, "", "member secretary"),
    "regulation": Row(GET, "regulation", ""),
    "proposal_list": Row(GET, "", "member secretary"),
    "proposal_take": Row(POST, "proposal", "secretary", refused="member"),
    "proposal_decline": Row(POST, "proposal", "secretary", refused="member"),
    "opinion": Row(GET, "opinion", "director7 deputy7 responsible7"),
    "meeting_list": Row(GET, "", "member secretary"),
    "meeting_create": Row(GET, "", "secretary", refused="member"),
    "meeting": Row(GET, "meeting", "member secretary"),
    "meeting_live": Row(GET, "meeting", "member secretary"),
    "meeting_screen": Row(GET, "meeting", "member secretary"),
    "meeting_screen_live": Row(GET, "meeting", "member secretary"),
    "meeting_convene": Row(POST, "meeting", "secretary", refused="member"),
    "meeting_move": Row(GET, "meeting", "secretary", refused="member"),
    "meeting_cancel": Row(GET, "meeting", "secretary", refused="member"),
    "meeting_answer": Row(POST, "meeting", "member secretary"),
    "material_add": Row(POST, "meeting", "secretary", refused="member"),
    "material": Row(GET, "material", "member secretary"),
    "material_remove": Row(POST, "material", "secretary", refused="member"),
    "meeting_open": Row(POST, "meeting", "secretary", refused="member"),
    "meeting_arrive": Row(POST, "meeting", "secretary", refused="member"),
    "meeting_leave": Row(POST, "meeting", "secretary", refused="member"),
    "meeting_presiding": Row(POST, "meeting", "secretary", refused="member"),
    "meeting_end": Row(POST, "meeting", "secretary", refused="member"),
    "meeting_not_held": Row(POST, "meeting", "secretary", refused="member"),
    "agenda_take": Row(POST, "meeting", "secretary", refused="member"),
    "agenda_vote": Row(POST, "meeting", "secretary", refused="member"),
    "item_create": Row(GET, "meeting", "secretary", refused="member"),
    "item_remove": Row(POST, "item", "secretary", refused="member"),
    "opinion_ask": Row(POST, "item", "secretary", refused="member"),
    "item_vote": Row(POST, "item", "secretary", refused="member"),
    "voting_open": Row(POST, "item", "secretary", refused="member"),
    "voting_interrupt": Row(POST, "item", "secretary", refused="member"),
    "voting_close": Row(POST, "item", "secretary", refused="member"),
    "ballot": Row(POST, "item", "member secretary"),
    "item_heard": Row(POST, "item", "secretary", refused="member"),
    "dissent": Row(POST, "held_item", "member", refused="secretary"),
    "minutes_circulate": Row(POST, "meeting", "secretary", refused="member"),
    "remark_add": Row(POST, "held", "member", refused="secretary"),
    "remark_answer": Row(POST, "remark", "secretary", refused="member"),
    "minutes_submit": Row(POST, "meeting", "secretary", refused="member"),
    "minutes_sign": Row(POST, "meeting", "", refused="member secretary"),
    "minutes_return": Row(POST, "meeting", "", refused="member secretary"),
    "decision_list": Row(GET, "", "member secretary"),
    "decision": Row(GET, "decision", "member secretary"),
    "decision_apply": Row(POST, "decision", "secretary", refused="member"),
    "execution_report": Row(POST, "decision", "secretary", refused="member"),
    "execution_return": Row(POST, "decision", "", refused="member secretary"),
    "execution_release": Row(POST, "decision", "", refused="member secretary"),
    "execution_move": Row(POST, "decision", "", refused="member secretary"),
    "extract_create": Row(POST, "decision", "secretary", refused="member"),
    "extract": Row(GET, "extract", "member secretary"),
    "extract_pdf": Row(GET, "extract", "member secretary"),
    "minutes_pdf": Row(GET, "meeting", ""),
}
