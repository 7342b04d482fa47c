"""SendGrid: mails (X), marketing contacts (U, an import to poll), suppressions (U), receipts."""

from activation.destinations.kind import Kind, fixed
from activation.destinations.sendgrid import contacts, erasures, mail, receipts, suppressions
from activation.destinations.sendgrid.settings import SendGridSettings

KIND = Kind(
    SendGridSettings,
    fixed(
        {
            "messages": mail.CALL,
            "profiles": contacts.CALL,
            "suppressions": suppressions.CALL,
            "erasures": erasures.CALL,
        }
    ),
    receipts.RECEIVER,
    erases_by=("email",),
)
