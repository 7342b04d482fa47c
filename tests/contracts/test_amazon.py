import json
from base64 import b64decode, b64encode
from dataclasses import replace
from email import message_from_bytes, policy
from urllib.parse import parse_qs

import pytest
from amazon_models import errors_of, faults
from batches import LINK, LINK_KEY, NOON, answer, mail, outcomes, settings_of, text

from activation.destinations.amazon import mails, texts
from activation.exchange import Failure, Unsendable
from baton.errors import UsageError

SECRET = "planted-secret"
KEYS = {"region": "eu-central-1", "access_key": "AKIDEXAMPLE", "secret_key": SECRET}
BRANDS = {"default": {"domain": "shop.example", "sender": "hello@shop.example", "name": "Shop"}}
LINKS = {"public_url": "https://serve.example", "link_key": LINK_KEY}


def ses(**changes):
    return settings_of("ses", **(KEYS | {"brands": BRANDS} | changes)).settings


def sns(**changes):
    return settings_of("sns", **(KEYS | changes)).settings


def sent_mail(item=None, **changes):
    return mails.build([item or mail()], ses(**changes), NOON)


def sent_text(item=None, **changes):
    return texts.build([item or text()], sns(**changes), NOON)


def changed(request, **values):
    body = {**json.loads(request.content), **values}
    return replace(request, content=json.dumps({k: v for k, v in body.items() if v}).encode())


@pytest.mark.parametrize(
    "request_",
    [
        sent_mail(),
        sent_mail(mail(link=LINK), **LINKS),
        sent_mail(configuration_set="shop", session_token="t"),
    ],
)
def test_a_mail_conforms_to_the_published_model(request_):
    assert faults("sesv2", "SendEmail", request_) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"Content": None},
        {"Content": {"Raw": {}}},
        {"Content": {"Raw": {"Data": "no base64"}}},
        {"Content": {"Row": {"Data": ""}}},
        {"Destination": {"ToAddresses": "ann@mail.example"}},
        {"Recipient": "ann@mail.example"},
        {"EmailTags": [{"Name": "message_id"}]},
    ],
)
def test_a_wrong_mail_is_refused_by_the_same_model(wrong):
    assert faults("sesv2", "SendEmail", changed(sent_mail(), **wrong))


@pytest.mark.parametrize(
    "request_",
    [
        sent_text(),
        sent_text(text("Ünïcode & =?+ 🙂")),
        sent_text(brands={"default": {"sender_id": "SHOP", "number": "+15550100300"}}),
    ],
)
def test_a_text_conforms_to_the_published_model(request_):
    assert faults("sns", "Publish", request_) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Action=Publish", b"Action=Send"),
        (b"Version=2010-03-31", b"Version=2011-03-31"),
        (b"&Message=", b"&Text="),
        (b"PhoneNumber=", b"Phone="),
        (b"entry.1.Value.DataType=String&", b""),
        (b"entry.1.", b"entry.2."),
    ],
)
def test_a_wrong_text_is_refused_by_the_same_model(old, new):
    good = sent_text()
    assert old in good.content
    assert faults("sns", "Publish", replace(good, content=good.content.replace(old, new)))


def test_a_mail_is_whole_with_its_link_and_names_the_message():
    request = sent_mail(mail(link=LINK), **LINKS)
    assert request.url == "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails"
    body = json.loads(request.content)
    assert (body["FromEmailAddress"], body["Destination"], body["EmailTags"]) == (
        "hello@shop.example",
        {"ToAddresses": ["ann@mail.example"]},
        [{"Name": "message_id", "Value": "m1"}],
    )
    whole = message_from_bytes(b64decode(body["Content"]["Raw"]["Data"]), policy=policy.default)
    assert (whole["To"], whole["Subject"]) == ("ann@mail.example", "Your quote")
    assert whole["List-Unsubscribe"] == f"<{LINK}>"
    assert whole["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in whole.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("message_class", "kind"),
    [
        ("marketing", "Promotional"),
        ("sales", "Promotional"),
        ("service", "Transactional"),
        ("transactional", "Transactional"),
    ],
)
def test_a_text_goes_to_one_number_and_says_whether_it_is_commercial(message_class, kind):
    request = sent_text(text(message_class=message_class), region="cn-north-1")
    assert request.url == "https://sns.cn-north-1.amazonaws.com.cn/"
    fields = {name: value for name, [value] in parse_qs(request.content.decode()).items()}
    assert fields["PhoneNumber"] == "+15550100201"
    assert fields["MessageAttributes.entry.1.Name"] == "AWS.SNS.SMS.SMSType"
    assert fields["MessageAttributes.entry.1.Value.StringValue"] == kind


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (
            lambda: sent_mail(mail(address="ann@mail.example, bea@mail.example")),
            "address_not_usable",
        ),
        (lambda: sent_mail(mail(parts={"text": "x"})), "template_has_no subject"),
        (lambda: sent_text(text(address="0555 0100201")), "address_not_usable"),
        (lambda: sent_text(text("x" * 1601)), "text_longer_than 1600"),
        (lambda: sent_text(text(" ")), "text_is_empty"),
    ],
)
def test_what_cannot_be_carried_is_unsendable(build, why):
    with pytest.raises(Unsendable) as found:
        build()
    assert found.value.reason == why


def mail_error(status, code, words="ann@mail.example …", by_header=True):
    headers = {"x_amzn_errortype": f"{code}:http://internal.example/"} if by_header else {}
    body = {"message": words} | ({} if by_header else {"__type": f"com.example#{code}"})
    return answer(status, json.dumps(body), **headers)


def text_error(status, code, words="+15550100201 …"):
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error>"
    return answer(status, f"<ErrorResponse>{error}</ErrorResponse>")


MAILS = [
    (answer(200, '{"MessageId": "0107"}'), "accepted", "http 200", False),
    (mail_error(429, "TooManyRequestsException"), "throttled", "ses TooManyRequests", False),
    (mail_error(400, "ThrottlingException"), "throttled", "ses Throttling", False),
    (mail_error(400, "LimitExceededException", by_header=False), "throttled",
     "ses LimitExceeded", False),
    (mail_error(400, "AccountSuspendedException"), "throttled", "ses AccountSuspended", True),
    (mail_error(400, "SendingPausedException"), "throttled", "ses SendingPaused", True),
    (mail_error(400, "MailFromDomainNotVerifiedException"), "throttled",
     "ses MailFromDomainNotVerified", True),
    (mail_error(404, "NotFoundException"), "throttled", "ses NotFound", True),
    (mail_error(403, "SignatureDoesNotMatch"), "throttled", "ses SignatureDoesNotMatch", True),
    (mail_error(400, "MessageRejected"), "rejected", "ses MessageRejected", False),
    (mail_error(400, "MessageRejected", "Email address is not verified."), "throttled",
     "ses MessageRejected", True),
    (mail_error(400, "BadRequestException"), "rejected", "ses BadRequest", False),
    (answer(400, "no JSON"), "rejected", "http 400", False),
    (mail_error(500, "InternalFailure"), "ambiguous", "http 500", False),
    (answer(408), "ambiguous", "http 408", False),
    (Failure("not_sent", "http refused"), "not_sent", "http refused", False),
    (Failure("ambiguous", "http TimeoutError"), "ambiguous", "http TimeoutError", False),
]  # fmt: skip
TEXTS = [
    (answer(200, "<PublishResponse><MessageId>94f2</MessageId></PublishResponse>"), "accepted",
     "http 200", False),
    (text_error(400, "Throttling"), "throttled", "sns Throttling", False),
    (text_error(429, "Throttled"), "throttled", "sns Throttled", False),
    (text_error(400, "KMSThrottling"), "throttled", "sns KMSThrottling", False),
    (text_error(403, "AuthorizationError"), "throttled", "sns AuthorizationError", True),
    (text_error(403, "InvalidSecurity"), "throttled", "sns InvalidSecurity", True),
    (text_error(404, "NotFound"), "throttled", "sns NotFound", True),
    (text_error(400, "RequestExpired"), "throttled", "sns RequestExpired", True),
    (text_error(400, "OptedOut"), "opted_out", "sns opted_out", False),
    (text_error(400, "InvalidParameter", "Phone number is opted out"), "opted_out",
     "sns opted_out", False),
    (text_error(400, "InvalidParameter"), "rejected", "sns InvalidParameter", False),
    (text_error(400, "ParameterValueInvalid"), "rejected", "sns ParameterValueInvalid", False),
    (answer(400, "no XML"), "rejected", "http 400", False),
    (text_error(500, "InternalError"), "ambiguous", "http 500", False),
    (Failure("ambiguous", "http TimeoutError"), "ambiguous", "http TimeoutError", False),
]  # fmt: skip


@pytest.mark.parametrize(("response", "outcome", "reason", "disable"), MAILS)
def test_the_verdict_on_a_mail_follows_status_and_code(response, outcome, reason, disable):
    (verdict,) = mails.verdicts(response, [mail()])
    assert (verdict.outcome, verdict.reason, verdict.disable) == (outcome, reason, disable)


@pytest.mark.parametrize(("response", "outcome", "reason", "disable"), TEXTS)
def test_the_verdict_on_a_text_follows_status_and_code(response, outcome, reason, disable):
    (verdict,) = texts.verdicts(response, [text()])
    assert (verdict.outcome, verdict.reason, verdict.disable) == (outcome, reason, disable)


def test_what_amazon_calls_a_message_is_kept():
    (of_mail,) = mails.verdicts(answer(200, '{"MessageId": "0107"}'), [mail()])
    (of_text,) = texts.verdicts(answer(200, "<MessageId>94f2-1</MessageId>"), [text()])
    assert (of_mail.provider_id, of_text.provider_id) == ("0107", "94f2-1")


OF_TOPICS_AND_APPS = ("KMS", "Platform", "Endpoint", "Validation")


@pytest.mark.parametrize(
    ("operation", "shown"), [(("sesv2", "SendEmail"), MAILS), (("sns", "Publish"), TEXTS)]
)
def test_every_error_that_the_model_publishes_has_its_verdict_here(operation, shown):
    answers = [one[0] for one in shown if not isinstance(one[0], Failure)]
    told = "".join(f"{one.headers}{one.content}" for one in answers)
    published = {code for _, code in errors_of(*operation)}
    assert {
        code for code in published if not code.startswith(OF_TOPICS_AND_APPS) and code not in told
    } == set()


def test_no_secret_stands_in_settings_requests_and_errors():
    request = sent_mail(session_token=SECRET)
    assert SECRET not in repr((ses(session_token=SECRET), sns(), request, sent_text()))
    assert "ann@mail.example" not in repr(request)
    assert b64encode(SECRET.encode()) not in request.content
    with pytest.raises(UsageError) as error:
        ses(region=SECRET, access_key=None)
    assert SECRET not in str(error.value)


def test_outcomes_are_told_without_what_amazon_says_of_the_address():
    told = outcomes(mails.verdicts(mail_error(400, "ann@mail.example"), [mail()]))
    assert told == [("rejected", "http 400")]
