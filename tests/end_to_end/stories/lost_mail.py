"""Mailboxes that reject or defer, and an SMS gateway that refuses."""

from ..records import Customer, quote_started

TEXTED = Customer("texted", sms_consent=True, mailbox="reject")
NOT_TEXTED = Customer("not_texted", sms_consent=None, mailbox="reject")
REFUSES_TEXTS = Customer("refuses_texts", sms_consent=False, mailbox="reject")
DEFERRED = Customer("deferred", mailbox="defer_once")
OUT_OF_REACH = Customer("out_of_reach", sms_consent=True, mailbox="reject")

SECOND_QUOTE = "q-texted-again"

CUSTOMERS = (TEXTED, NOT_TEXTED, REFUSES_TEXTS, DEFERRED, OUT_OF_REACH)
ARRIVALS = (
    quote_started(TEXTED),
    quote_started(TEXTED, at=20, quote_id=SECOND_QUOTE),
    quote_started(NOT_TEXTED),
    quote_started(REFUSES_TEXTS),
    quote_started(DEFERRED),
    quote_started(OUT_OF_REACH, at=-70).late(0),
)
