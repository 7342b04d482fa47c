"""The kinds of destination, by the `type` that destinations.yml names."""

from activation.destinations import (
    amazon,
    braze,
    file_drop,
    http,
    hubspot,
    intercom,
    klaviyo,
    salesforce,
    sendgrid,
    slack,
    smtp,
    twilio,
    webhook,
)
from activation.destinations.kind import Call, Calls, Kind, Purpose, fixed

KINDS: dict[str, Kind] = {
    "smtp": smtp.KIND,
    "sendgrid": sendgrid.KIND,
    "slack": slack.KIND,
    "twilio": twilio.KIND,
    "webhook": webhook.KIND,
    "file": file_drop.KIND,
    "braze": braze.KIND,
    "klaviyo": klaviyo.KIND,
    "intercom": intercom.KIND,
    "hubspot": hubspot.KIND,
    "salesforce": salesforce.KIND,
    "ses": amazon.SES,
    "sns": amazon.SNS,
    "http": http.KIND,
}

__all__ = ["KINDS", "Call", "Calls", "Kind", "Purpose", "fixed"]
