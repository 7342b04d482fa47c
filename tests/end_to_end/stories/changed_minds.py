"""Consent given, refused and taken back at every moment up to the claim."""

from ..records import Customer, complaint, consent, quote_started

CONTENT = Customer("content")
REFUSED = Customer("refused", email_consent=False)
NEVER_ASKED = Customer("never_asked", email_consent=None)
OPTED_OUT_EARLY = Customer("opted_out_early")
CAME_BACK = Customer("came_back")
OPTED_OUT_IN_THE_WINDOW = Customer("opted_out_in_the_window")
OPTED_OUT_BEFORE_SENDING = Customer("opted_out_before_sending")
BLOCKED_IN_THE_JOURNAL = Customer("blocked_in_the_journal")
OPTED_OUT_AT_INTAKE = Customer("opted_out_at_intake")
OPTED_OUT_AS_A_PERSON = Customer("opted_out_as_a_person")
COMPLAINED = Customer("complained")

CUSTOMERS = (
    CONTENT,
    REFUSED,
    NEVER_ASKED,
    OPTED_OUT_EARLY,
    CAME_BACK,
    OPTED_OUT_IN_THE_WINDOW,
    OPTED_OUT_BEFORE_SENDING,
    BLOCKED_IN_THE_JOURNAL,
    OPTED_OUT_AT_INTAKE,
    OPTED_OUT_AS_A_PERSON,
    COMPLAINED,
)
ARRIVALS = (
    *(quote_started(customer) for customer in CUSTOMERS),
    consent(OPTED_OUT_EARLY, "email", False, at=40),
    consent(CAME_BACK, "email", False, at=40),
    consent(CAME_BACK, "email", True, at=50),
    consent(OPTED_OUT_IN_THE_WINDOW, "email", False, at=129),
    consent(OPTED_OUT_BEFORE_SENDING, "email", False, at=131),
    consent(OPTED_OUT_AT_INTAKE, "email", False, at=132.5),
    consent(OPTED_OUT_AS_A_PERSON, "email", False, at=132.5, names="person"),
    complaint(COMPLAINED, at=132.5),
)
