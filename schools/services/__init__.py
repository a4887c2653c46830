"""Every write of the schools' facts: guardians' links, duties, agreements."""

from schools.services.accounts import account_end, account_offer, account_take
from schools.services.agreements import (
    agreement_agree,
    agreement_create,
    agreement_edit,
    agreement_end,
    agreement_refuse,
    agreement_resume,
    agreement_return,
    agreement_send,
    agreement_sign,
    agreement_suspend,
    refuse_sent,
    terms_seen,
)
from schools.services.amendments import (
    amendment_create,
    amendment_drop,
    amendment_edit,
    amendment_refuse,
    amendment_send,
    amendment_sign,
)
from schools.services.authority import amendment_signers, basis_end, basis_enter
from schools.services.disagreements import disagreement_add, disagreement_settle, disagreements_close
from schools.services.duties import director_appoint, duty_end, duty_offer, duty_offer_withdraw, duty_take
from schools.services.links import link_end, link_grant, link_refuse, link_request, link_verify
from schools.services.publication import agreement_contacts, agreement_duty_done, agreement_publish

__all__ = [
    "account_end",
    "account_offer",
    "account_take",
    "agreement_agree",
    "agreement_contacts",
    "agreement_create",
    "agreement_duty_done",
    "agreement_edit",
    "agreement_end",
    "agreement_publish",
    "agreement_refuse",
    "agreement_resume",
    "agreement_return",
    "agreement_send",
    "agreement_sign",
    "agreement_suspend",
    "amendment_create",
    "amendment_drop",
    "amendment_edit",
    "amendment_refuse",
    "amendment_send",
    "amendment_sign",
    "amendment_signers",
    "basis_end",
    "basis_enter",
    "director_appoint",
    "disagreement_add",
    "disagreement_settle",
    "disagreements_close",
    "duty_end",
    "duty_offer",
    "duty_offer_withdraw",
    "duty_take",
    "link_end",
    "link_grant",
    "link_refuse",
    "link_request",
    "link_verify",
    "refuse_sent",
    "terms_seen",
]
