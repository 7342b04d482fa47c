"""Every path on which a customer says no, and what a no is about."""

from ..records import (
    Customer,
    consent,
    no_to_everything,
    opted_out_in_a_case,
    opted_out_in_chat,
    quote_started,
    receipt,
)

NO_TO_EVERYTHING = Customer("no_to_everything")
UNSUBSCRIBED = Customer("unsubscribed")
SAID_STOP = Customer("said_stop")
TOLD_THE_AGENT = Customer("told_the_agent")
TOLD_THE_SERVICE_DESK = Customer("told_the_service_desk")
OPT_OUT_FIELD = Customer("opt_out_field")
DO_NOT_CONTACT = Customer("do_not_contact")

NO_TO_ANOTHER_BRAND = Customer("no_to_another_brand")
NO_TO_ALL_BRANDS = Customer("no_to_all_brands")
SHARING_ONE = Customer("sharing_one")
SHARING_OTHER = Customer("sharing_other", shares="sharing_one")
SUBSCRIBED_AGAIN = Customer("subscribed_again")
STARTED_AGAIN = Customer("started_again")
COMPLAINED_AND_SAID_YES = Customer("complained_and_said_yes")

LATE = 132.5
FLAGS = {OPT_OUT_FIELD: "email_opt_out", DO_NOT_CONTACT: "do_not_contact"}
CUSTOMERS = (
    NO_TO_EVERYTHING,
    UNSUBSCRIBED,
    SAID_STOP,
    TOLD_THE_AGENT,
    TOLD_THE_SERVICE_DESK,
    OPT_OUT_FIELD,
    DO_NOT_CONTACT,
    NO_TO_ANOTHER_BRAND,
    NO_TO_ALL_BRANDS,
    SHARING_ONE,
    SHARING_OTHER,
    SUBSCRIBED_AGAIN,
    STARTED_AGAIN,
    COMPLAINED_AND_SAID_YES,
)
ARRIVALS = (
    *(quote_started(customer) for customer in CUSTOMERS),
    no_to_everything(NO_TO_EVERYTHING, at=LATE),
    receipt(UNSUBSCRIBED, "unsubscribed", at=LATE),
    receipt(SAID_STOP, "stopped", at=LATE),
    opted_out_in_chat(TOLD_THE_AGENT, at=LATE),
    opted_out_in_a_case(TOLD_THE_SERVICE_DESK, at=LATE),
    consent(NO_TO_ANOTHER_BRAND, "email", False, at=40, brand="outlet"),
    consent(NO_TO_ALL_BRANDS, "email", False, at=40, brand="all"),
    consent(SHARING_ONE, "email", False, at=40),
    receipt(SUBSCRIBED_AGAIN, "unsubscribed", at=40),
    consent(SUBSCRIBED_AGAIN, "email", True, at=50),
    receipt(STARTED_AGAIN, "stopped", at=40),
    receipt(STARTED_AGAIN, "started", at=50),
    receipt(COMPLAINED_AND_SAID_YES, "complained", at=40),
    consent(COMPLAINED_AND_SAID_YES, "email", True, at=50),
)
