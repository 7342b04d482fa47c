import pytest
from loopback import SECRET, config, mail_environment, web_environment

from activation import DestinationsConfig
from activation.destinations import webhook
from baton.errors import UsageError

SHIPPED = ["shop_mail", "sms_gateway", "crm_tasks", "service_desk", "retail_drop"]


@pytest.fixture
def environment(tmp_path):
    return web_environment(1) | {"RETAIL_DROP_DIRECTORY": str(tmp_path)}


def test_the_shipped_destinations_are_complete_once_the_environment_is(environment):
    shipped = DestinationsConfig.load(environ=environment)
    assert shipped.names() == SHIPPED
    kinds = [shipped.destination(name).settings.type for name in SHIPPED]
    assert kinds == ["smtp", "webhook", "webhook", "webhook", "file"]


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("shop_mail", "SHOP_MAIL_HOST"),
        ("sms_gateway", "SMS_GATEWAY_SECRET"),
        ("crm_tasks", "CRM_TASKS_URL"),
        ("service_desk", "SERVICE_DESK_SECRET"),
        ("retail_drop", "RETAIL_DROP_DIRECTORY"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named_with_its_mend(environment, name, variable, value):
    given = {k: v for k, v in environment.items() if k != variable}
    given |= {variable: value} if value is not None else {}
    with pytest.raises(UsageError, match=f"(?s){variable} is not set.*set {variable}"):
        DestinationsConfig.load(environ=given).destination(name)


def test_one_destination_without_its_settings_does_not_hide_the_others():
    shipped = DestinationsConfig.load(environ=mail_environment(25))
    assert shipped.destination("shop_mail").settings.type == "smtp"


def test_mail_is_encrypted_unless_the_environment_says_otherwise(environment):
    del environment["SHOP_MAIL_TLS"]
    assert DestinationsConfig.load(environ=environment).destination("shop_mail").settings.tls == (
        "starttls"
    )


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SMS_GATEWAY_SECRET", "planted-not-base64!", "secret"),
        ("SMS_GATEWAY_URL", "planted not a url", "url"),
    ],
)
def test_a_wrong_value_is_told_by_its_field_and_never_shown(environment, variable, value, told):
    given = environment | {variable: value}
    with pytest.raises(UsageError, match=told) as raised:
        DestinationsConfig.load(environ=given).destination("sms_gateway")
    assert "planted" not in str(raised.value)


def test_an_unknown_destination_is_refused(environment):
    with pytest.raises(UsageError, match="'fax', which is no destination"):
        DestinationsConfig.load(environ=environment).destination("fax")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "pigeon"}, "no such type"),
        ({"colour": "red"}, "colour"),
        ({"brands": {}}, "brands"),
    ],
)
def test_settings_that_do_not_fit_the_type_are_refused(tmp_path, environment, changes, told):
    with pytest.raises(UsageError, match=told):
        config(tmp_path, environment, shop_mail=changes).destination("shop_mail")


def test_a_message_is_sent_no_later_after_its_check_than_decisions_look_ahead(tmp_path):
    file = tmp_path / "destinations.yml"
    file.write_text("checked_within_minutes: 15\ndestinations: {}\n")
    assert DestinationsConfig.load(file, {}).checked_within_minutes == 15
    file.write_text("checked_within_minutes: 15.5\ndestinations: {}\n")
    with pytest.raises(UsageError, match=r"(?s)15\.5 minutes.*set it to 15 or less") as refused:
        DestinationsConfig.load(file, {})
    assert refused.value.where == "destinations.yml, checked_within_minutes"


def test_a_secret_never_shows_in_a_repr(environment):
    settings = DestinationsConfig.load(environ=environment).destination("sms_gateway").settings
    assert SECRET not in repr(settings)


def test_limits_override_the_facts_of_the_kind(tmp_path, environment):
    settings = config(tmp_path, environment, crm_tasks={"limit": {"rate": 7}}).destination(
        "crm_tasks"
    )
    limit = settings.settings.limit.over(settings.call("messages").facts.limit)
    assert (limit.rate, limit.concurrency) == (7, webhook.FACTS.limit.concurrency)
