"""What shall become of the quotes around go-live: one row per planned outcome.

The table is the plan; `casting` finds persons who fit, and the other modules write the events,
consents, cases and mailboxes that bring the outcome about. The rule it plans for: a reminder is
due two hours after `quote_started`, a sales call one day after that for values of 500 and more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

REMINDER_AFTER = timedelta(hours=2)
CALL_AFTER = REMINDER_AFTER + timedelta(days=1)
HIGH_VALUE = 500

Consent = Literal["granted", "by_person", "refused", "unknown", "withdrawn_between", "reconsented"]


@dataclass(frozen=True)
class Fate:
    """A planned outcome.

    `acts_at` is the share of the live part within which the due instant falls (0 go-live, 1 end),
    `after` the time from `quote_started` to that instant. `sms` None leaves it to chance. With
    `beside` it takes a quote's person of that fate, and falls due `beside_by` after that quote.
    """

    name: str
    count: int
    expected: str
    acts_at: tuple[float, float] = (0.34, 0.83)
    after: timedelta = REMINDER_AFTER
    email: Consent = "granted"
    sms: Consent | None = None
    known_by: Literal["login", "form", "late_login", "nothing"] = "login"
    submitted: Literal["never", "in_time", "before_call", "after_reminder", "known_late"] = "never"
    case: Literal["none", "open", "closed_later", "opened_between"] = "none"
    mailbox: Literal["accepts", "rejects", "rejects_once"] = "accepts"
    is_high_value: bool = False
    is_western: bool = False
    needs: Literal["nothing", "duplicate", "do_not_contact", "old_bounce"] = "nothing"
    compares: bool = False
    beside: str | None = None
    beside_by: timedelta = timedelta()


FATES = (
    Fate(
        "submitted_in_time", 8, "won; no reminder",
        acts_at=(0.25, 1.1), submitted="in_time",
    ),
    Fate("reminded", 4, "one e-mail reminder, accepted"),
    Fate("reminded_known_by_form", 2, "one e-mail reminder, accepted", known_by="form"),
    Fate(
        "reminded_by_person_consent", 1,
        "one e-mail reminder; the consent names the person, not the address",
        email="by_person",
    ),
    Fate(
        "reminded_after_reconsent", 1, "one e-mail reminder; the newest consent is a yes",
        email="reconsented",
    ),
    Fate(
        "reminded_then_submitted", 2, "one e-mail reminder, then won",
        acts_at=(0.34, 0.6), submitted="after_reminder",
    ),
    Fate(
        "reminded_after_quiet_hours", 2,
        "due before dawn in the customer's zone: waits for the end of quiet hours, then one e-mail",
        acts_at=(0.1, 0.25), is_western=True,
    ),
    Fate(
        "reminded_once_despite_duplicate", 3,
        "one reminder for the person, not one per contact", needs="duplicate",
    ),
    Fate(
        "compared_and_stalled", 2, "quote reminder and comparison journey compete; one may speak",
        compares=True,
    ),
    Fate(
        "open_case", 3, "no message while the case is open", case="open",
    ),
    Fate(
        "case_closed_later", 2, "waits for the case to close, then one e-mail reminder",
        acts_at=(0.34, 0.6), case="closed_later",
    ),
    Fate(
        "case_opened_between", 2, "leaves the journey when the case opens", case="opened_between",
    ),
    Fate("no_consent_refused", 2, "suppress: no_consent", email="refused", sms="refused"),
    Fate("no_consent_unknown", 2, "suppress: no_consent", email="unknown", sms="unknown"),
    Fate(
        "opted_out_between", 3, "suppress: no_consent; withdrawn before the reminder was due",
        email="withdrawn_between",
    ),
    Fate(
        "mailbox_rejects_sms_follows", 3, "e-mail rejected for good (550), then one SMS",
        acts_at=(0.34, 0.7), mailbox="rejects", sms="granted",
    ),
    Fate(
        "mailbox_rejects_no_sms_consent", 2,
        "e-mail rejected for good (550); the SMS is suppressed: no_consent",
        acts_at=(0.34, 0.7), mailbox="rejects", sms="unknown",
    ),
    Fate(
        "mailbox_rejects_once", 2, "e-mail refused once (451), accepted on the next try",
        acts_at=(0.34, 0.7), mailbox="rejects_once",
    ),
    Fate(
        "bounced_before", 2, "address suppressed by an earlier bounce: no e-mail to it",
        needs="old_bounce",
    ),
    Fate(
        "do_not_contact", 1, "suppress: the person asked for no contact",
        known_by="form", needs="do_not_contact",
    ),
    Fate("anonymous", 3, "nothing: no_address", known_by="nothing"),
    Fate(
        "anonymous_then_login", 2, "one e-mail reminder; the login comes before it is due",
        known_by="late_login",
    ),
    Fate(
        "sales_call", 5, "reminder due before go-live; a sales call one day later",
        acts_at=(0.1, 0.9), after=CALL_AFTER, is_high_value=True,
    ),
    Fate(
        "submitted_before_call", 2, "won; no sales call",
        acts_at=(0.3, 0.9), after=CALL_AFTER, is_high_value=True, submitted="before_call",
    ),
    Fate(
        "too_small_for_a_call", 2, "reminder due before go-live; no call, the value is low",
        acts_at=(0.1, 0.9), after=CALL_AFTER,
    ),
    Fate(
        "reminded_of_the_first", 1, "one e-mail reminder; the person's other quote waits",
        acts_at=(0.4, 0.5),
    ),
    Fate(
        "outranked_by_the_first", 1, "wait: outranked; the slot of four hours has its reminder",
        beside="reminded_of_the_first", beside_by=timedelta(minutes=35),
    ),
    Fate(
        "called_about_the_first", 1, "a sales call about one of two quotes",
        acts_at=(0.1, 0.15), after=CALL_AFTER, is_high_value=True,
    ),
    Fate(
        "one_call_a_day", 1, "nothing: capped; the person was called today",
        after=CALL_AFTER, is_high_value=True,
        beside="called_about_the_first", beside_by=timedelta(hours=4, minutes=20),
    ),
    Fate(
        "submission_known_late", 1,
        "reminded although submitted: the submission arrives later; counted as regret",
        acts_at=(0.34, 0.45), submitted="known_late",
    ),
)  # fmt: skip
