"""How many messages there are, and how far they have come."""

from handed import NOON, message


def test_messages_are_counted_by_journey_action_and_state(journal):
    journal.hand_over(
        [
            message(1),
            message(2),
            message(3, blocked_by="open_case"),
            message(4, action="sms_quote_reminder", journey="delivery_recovery"),
        ],
        checked_at=NOON,
    )
    assert journal.message_counts_by_action() == [
        ("delivery_recovery", "sms_quote_reminder", "pending", 1),
        ("quote_stalled", "email_quote_reminder", "held", 1),
        ("quote_stalled", "email_quote_reminder", "pending", 2),
    ]
