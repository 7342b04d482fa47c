"""Mistakes: the file and its YAML."""

from card_projects import QUOTE_STALLED

from mistakes.table import Mistakes, Said, change

WHOLE_MEND = "the file holds one `{% call journey() %}`, the card, and `{% endcall %}`"
CALL_MEND = "write exactly `{% call journey() %}`, without arguments or `-`"

BODY = QUOTE_STALLED.partition("%}\n")[2].partition("{% endcall")[0]

FILE_MISTAKES: Mistakes = {
    "a file without a card": change(
        "{% call journey() %}",
        "-- none",
        Said("call_missing", 1, "no card here: `{% call journey() %}` is missing", WHOLE_MEND),
    ),
    "a call with an argument": change(
        "journey() %}",
        "journey('x') %}",
        Said("call_broken", 1, "the macro call is not one Baton reads", CALL_MEND),
    ),
    "a call that trims its white space": change(
        "{% call journey() %}",
        "{%- call journey() -%}",
        Said("call_broken", 1, "the macro call is not one Baton reads", CALL_MEND),
    ),
    "a card that never ends": change(
        "{% endcall %}",
        "",
        Said("call_not_closed", 1, "the card has no `{% endcall %}`", WHOLE_MEND),
    ),
    "a second card in the file": change(
        "{% endcall %}\n",
        "{% endcall %}\n\n{% call journey() %}\n{% endcall %}\n",
        Said("call_repeated", 16, "a second card in one file", WHOLE_MEND),
    ),
    "SQL beside the card": change(
        "{% endcall %}\n",
        "{% endcall %}\n-- a comment is fine\nselect 1\n",
        Said(
            "text_outside_card",
            16,
            "something stands beside the card",
            "take it out: the file holds one `{% call journey() %}`, the card, and `{% endcall %}`",
        ),
    ),
    "Jinja in the card": change(
        "30 days",
        "{{ var('horizon') }}",
        Said(
            "jinja_in_card",
            7,
            "Jinja inside a card",
            "a card is plain YAML: write the value out, and comments with `#`",
        ),
    ),
    "YAML that does not parse": change(
        "purpose: marketing",
        "purpose: mark: eting",
        Said(
            "yaml_syntax",
            4,
            "not valid YAML: mapping values are not allowed in this context",
            "look at quotes, brackets and indentation here; quote text that holds `: ` or `#`",
        ),
    ),
    "an anchor": change(
        "key: quote_id",
        "key: &k quote_id",
        Said(
            "yaml_alias",
            5,
            "an anchor or alias in the card",
            "write the value out: `&` and `*` are not read",
        ),
    ),
    "a character that is no UTF-8": change(
        "why: late",
        "why: la�te",
        Said("not_utf8", 11, "a character is not UTF-8", "save it as UTF-8"),
    ),
    "a card that is a list": change(
        BODY,
        "- journey: quote_stalled\n",
        Said(
            "not_a_card",
            1,
            "the card holds no keys",
            "start with `journey: <name>` and list the steps under `steps:`",
        ),
    ),
}
