"""History from before the release, goals reached in time and too late, a call a day later."""

from ..records import Customer, quote_started, quote_submitted

STALLED_LONG_AGO = Customer("stalled_long_ago")
SUBMITTED = Customer("submitted")
HEARD_TOO_LATE = Customer("heard_too_late")
WORTH_A_CALL = Customer("worth_a_call")

CUSTOMERS = (STALLED_LONG_AGO, SUBMITTED, HEARD_TOO_LATE, WORTH_A_CALL)
ARRIVALS = (
    quote_started(STALLED_LONG_AGO, at=-4_000).late(0),
    quote_started(SUBMITTED),
    quote_submitted(SUBMITTED, at=50),
    quote_started(HEARD_TOO_LATE),
    quote_submitted(HEARD_TOO_LATE, at=100).late(150),
    quote_started(WORTH_A_CALL, at=-1_440, value=900).late(0),
)
