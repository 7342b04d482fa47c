import pytest
from loopback import VARIABLES

from activation.config import DEFAULT_FILE
from activation.exchange import Unsendable
from activation.templates import Templates
from baton.errors import UsageError


@pytest.fixture
def shipped():
    return Templates(DEFAULT_FILE.parent / "templates")


@pytest.fixture
def write(tmp_path):
    """Write a template of parts, by default one text part."""

    def write_template(declaration="channel: sms\nvariables: {name: {}}", **parts):
        directory = tmp_path / "hello"
        directory.mkdir()
        (directory / "template.yml").write_text(declaration)
        for part, source in (parts or {"en__text": "Hello {{ name }}"}).items():
            (directory / f"{part.replace('__', '.')}.j2").write_text(source)
        return Templates(tmp_path)

    return write_template


MAIL = "channel: email\nvariables: {name: {}}"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("quote_reminder", {"subject", "text", "html"}),
        ("quote_reminder_sms", {"text"}),
        ("sales_call", {"title", "text"}),
    ],
)
def test_the_shipped_templates_render_all_parts(shipped, name, parts):
    rendered = shipped.render(name, VARIABLES)
    assert set(rendered) == parts
    assert all("Q-17" in rendered[part] for part in parts - {"subject"})
    assert "1,234.50" in rendered["text"]


def test_html_is_escaped_and_text_is_not(shipped):
    rendered = shipped.render("quote_reminder", VARIABLES)
    assert "Oak &amp; &lt;Ash&gt; kitchen" in rendered["html"]
    assert "Oak & <Ash> kitchen" in rendered["text"]


def test_a_default_stands_in_for_a_missing_or_null_variable(shipped):
    for changed in ({"first_name": None}, {}):
        given = {k: v for k, v in VARIABLES.items() if k != "first_name"} | changed
        assert "Hello there" in shipped.render("quote_reminder", given)["text"]


def test_a_missing_variable_makes_a_message_unsendable_by_its_name(shipped):
    with pytest.raises(Unsendable, match="missing_variable product"):
        shipped.render("quote_reminder", VARIABLES | {"product": None})


def test_a_value_that_cannot_be_formatted_never_shows_in_the_reason(shipped):
    with pytest.raises(Unsendable) as raised:
        shipped.render("quote_reminder", VARIABLES | {"value": "planted@mail.example"})
    assert "planted" not in raised.value.reason


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@mail.example", "a\nb", "a\x00b", "a\u2028b"])
def test_a_control_character_in_a_header_is_refused(write, evil):
    templates = write(MAIL, en__subject="Hello {{ name }}!", en__text="Hello")
    with pytest.raises(Unsendable, match="control_character_in subject"):
        templates.render("hello", {"name": evil})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("de-AT", "Servus"),
        ("de_AT", "Servus"),
        ("de-CH", "Hallo"),
        ("fr", "Hello"),
        (None, "Hello"),
    ],
)
def test_a_locale_falls_back_to_its_language_then_to_the_default(write, wanted, found):
    texts = {"en__text": "Hello", "de__text": "Hallo", "de-AT__text": "Servus"}
    templates = write("channel: sms\nvariables: {}", **texts)
    assert templates.render("hello", {}, locale=wanted)["text"] == found


@pytest.mark.parametrize(
    ("brand", "wanted", "found"),
    [
        ("north", "en", "Ahoy"),
        ("north", "de", "Hallo"),
        ("north", None, "Ahoy"),
        ("south", "de", "Hallo"),
        (None, "en", "Hello"),
    ],
)
def test_a_brand_has_words_of_its_own_and_else_the_common_ones(
    write, tmp_path, brand, wanted, found
):
    templates = write("channel: sms\nvariables: {}", en__text="Hello", de__text="Hallo")
    (tmp_path / "hello" / "north").mkdir()
    (tmp_path / "hello" / "north" / "en.text.j2").write_text("Ahoy")
    assert templates.render("hello", {}, brand=brand, locale=wanted)["text"] == found


def test_the_words_of_a_brand_are_checked_like_the_others(write, tmp_path):
    templates = write("channel: sms\nvariables: {}", en__text="Hello")
    (tmp_path / "hello" / "north").mkdir()
    (tmp_path / "hello" / "north" / "en.subject.j2").write_text("Ahoy")
    with pytest.raises(UsageError, match="north"):
        templates.get("hello")


def test_a_template_may_not_use_what_it_does_not_declare(write):
    templates = write(en__text="{{ name }} {{ password }}")
    with pytest.raises(UsageError, match="undeclared: password"):
        templates.get("hello")


@pytest.mark.parametrize(
    ("declaration", "parts", "told"),
    [
        (MAIL, {"en__text": "x"}, "has no .'subject'"),
        (MAIL, {"de__text": "x", "de__subject": "x"}, "has no 'en'"),
        ("channel: sms\nvariables: {}", {"en__text": "x", "en__html": "x"}, "unknown"),
        ("channel: fax\nvariables: {}", {"en__text": "x"}, "not valid"),
        ("channel: sms\nvariables: {}", {"en__text": "{{ x"}, "cannot be read"),
    ],
)
def test_an_incomplete_or_broken_template_is_a_usage_error(write, declaration, parts, told):
    with pytest.raises(UsageError, match=told):
        write(declaration, **parts).get("hello")


def test_a_template_that_does_not_exist_is_a_usage_error(shipped):
    with pytest.raises(UsageError, match="does not exist"):
        shipped.get("no_such_template")


@pytest.mark.parametrize("source", ["{{ name.__class__.__mro__ }}", "{{ name.upper.__globals__ }}"])
def test_a_template_cannot_leave_its_sandbox(write, source):
    with pytest.raises(Unsendable, match="template_error"):
        write(en__text=source).render("hello", {"name": "Ann"})
