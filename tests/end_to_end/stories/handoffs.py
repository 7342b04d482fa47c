"""From the bot to an agent: sales has to wait or to end, and the agent is told what was said."""

from ..records import Customer, case, chat, quote_started, web

HANDED_OVER = Customer("handed_over")
CASE_CAME_FIRST = Customer("case_came_first")
CASE_STAYS_OPEN = Customer("case_stays_open")
CASE_AFTER_THE_DECISION = Customer("case_after_the_decision")
PASSED_ON = Customer("passed_on")

_WITH_QUOTES = (HANDED_OVER, CASE_CAME_FIRST, CASE_STAYS_OPEN, CASE_AFTER_THE_DECISION)
CUSTOMERS = (*_WITH_QUOTES, PASSED_ON)
ARRIVALS = (
    *(quote_started(customer) for customer in _WITH_QUOTES),
    chat(HANDED_OVER, "customer", at=100),
    chat(HANDED_OVER, "bot", at=101),
    chat(HANDED_OVER, "agent", at=105),
    case(HANDED_OVER, opened=106),
    case(HANDED_OVER, opened=106, closed=150),
    case(CASE_CAME_FIRST, opened=-60).late(0),
    case(CASE_CAME_FIRST, opened=-60, closed=150),
    case(CASE_STAYS_OPEN, opened=-60).late(0),
    chat(CASE_AFTER_THE_DECISION, "agent", at=130.5),
    case(CASE_AFTER_THE_DECISION, opened=131),
    web(PASSED_ON, "login", at=-900, by=("device", "user", "email")).late(0),
    chat(PASSED_ON, "customer", at=126, topic="late_delivery"),
    chat(PASSED_ON, "bot", at=128, intent="handover", topic="late_delivery"),
    chat(PASSED_ON, "agent", at=135, topic="late_delivery"),
    chat(PASSED_ON, "customer", at=140, topic="late_delivery"),
)
