"""Every write of the schools' facts: guardians' links, duties, agreements."""

from schools.services.agreements import (
    AgreementTerms,
    agreement_create,
    agreement_edit,
    agreement_end,
    agreement_refuse,
    agreement_resume,
    agreement_send,
    agreement_sign,
    agreement_suspend,
    refuse_sent,
)
from schools.services.authority import amendment_signers, basis_end, basis_enter
from schools.services.duties import director_appoint, duty_end, duty_offer, duty_offer_withdraw, duty_take
from schools.services.links import link_end, link_refuse, link_request, link_verify

__all__ = [
    "AgreementTerms",
    "agreement_create",
    "agreement_edit",
    "agreement_end",
    "agreement_refuse",
    "agreement_resume",
    "agreement_send",
    "agreement_sign",
    "agreement_suspend",
    "amendment_signers",
    "basis_end",
    "basis_enter",
    "director_appoint",
    "duty_end",
    "duty_offer",
    "duty_offer_withdraw",
    "duty_take",
    "link_end",
    "link_refuse",
    "link_request",
    "link_verify",
    "refuse_sent",
]
