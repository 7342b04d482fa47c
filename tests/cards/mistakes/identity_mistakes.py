"""Mistakes: who is who."""

from mistakes.table import Mistakes, Said, change

_RULES = "seeds/policies/identity_rules.csv"
_BLOCKED = "seeds/policies/identity_blocked_values.csv"
_OVERRIDES = "seeds/policies/identity_overrides.csv"
_ONE, _OTHER = f"{1:032x}", f"{2:032x}"

IDENTITY_MISTAKES: Mistakes = {
    "a cap of nothing": change(
        "0.95,50",
        "0.95,0",
        Said(
            "identity_rules_bad_fanout_cap",
            3,
            "`fanout_cap` is no count: `0`",
            "write a whole number from 1 on, or leave it blank for no bound",
        ),
        file=_RULES,
    ),
    "a limit that is no number": change(
        "1.0,,,1",
        "1.0,,,one",
        Said(
            "identity_rules_bad_max_per_person",
            2,
            "`max_per_person` is no count: `one`",
            "write a whole number from 1 on, or leave it blank for no bound",
        ),
        file=_RULES,
    ),
    "a cardinality to a type that is none": change(
        "user:1",
        "users:1",
        Said(
            "identity_rules_bad_cardinality_to",
            3,
            "`cardinality_to` names a type that is none: `users:1`",
            "did you mean `user`?",
        ),
        file=_RULES,
    ),
    "a confidence above certainty": change(
        "0.95",
        "95",
        Said(
            "identity_rules_bad_confidence",
            3,
            "`confidence` is no number in its range: `95`",
            "write a number from 0 to 1, such as 0.95",
        ),
        file=_RULES,
    ),
    "a type that may link or not": change(
        "2,true",
        "2,maybe",
        Said(
            "identity_rules_bad_links",
            3,
            "`links` is none Baton knows: `maybe`",
            "use one of `false`, `true`, or take the row out",
        ),
        file=_RULES,
    ),
    "a priority that is none": change(
        "email,2",
        "email,high",
        Said(
            "identity_rules_bad_priority",
            3,
            "`priority` is no place in an order: `high`",
            "write a whole number from 1 on, the strongest type with the lowest",
        ),
        file=_RULES,
    ),
    "an identifier type given twice": change(
        "email,2,true,0.95,50,user:1,",
        "user,2,true,0.95,50,user:1,",
        Said(
            "identity_rules_twice",
            3,
            "a row is given twice: node_type",
            "keep one; the first stands on line 2",
        ),
        file=_RULES,
    ),
    "a kind of blocked value that is none": change(
        "email,pattern",
        "email,regex",
        Said(
            "identity_blocked_values_bad_kind",
            3,
            "`kind` is none Baton knows: `regex`",
            "use one of `exact`, `pattern`, or take the row out",
        ),
        file=_BLOCKED,
    ),
    "a blocked value of a type that is none": change(
        "email,pattern",
        "mail,pattern",
        Said(
            "identity_blocked_values_bad_node_type",
            3,
            "`node_type` is none Baton knows: `mail`",
            "did you mean `email`?",
        ),
        file=_BLOCKED,
    ),
    "a pattern that blocks all": change(
        "noreply@%",
        "%@%",
        Said(
            "identity_blocked_values_wide",
            3,
            "the pattern would block almost everything: `%@%`",
            "write at least 3 characters that are no `%` and no `_`",
        ),
        file=_BLOCKED,
    ),
    "a value in place of an id": change(
        f"{_ONE},{_OTHER}",
        f"ada@example.com,{_OTHER}",
        Said(
            "identity_overrides_bad_node_a_id",
            2,
            "`node_a_id` is no id: `ada@example.com`",
            "write the id of an identifier, 32 hexadecimal digits, as `nodes` has it; "
            "never a value",
        ),
        file=_OVERRIDES,
    ),
    "a pair the wrong way round": change(
        f"{_ONE},{_OTHER}",
        f"{_OTHER},{_ONE}",
        Said(
            "identity_overrides_disordered",
            2,
            "the higher id stands first",
            "write the lower id into `node_a_id`",
        ),
        file=_OVERRIDES,
    ),
    "an override of a kind that is none": change(
        "never,",
        "join,",
        Said(
            "identity_overrides_bad_kind",
            2,
            "`kind` is none Baton knows: `join`",
            "use one of `force`, `never`, or take the row out",
        ),
        file=_OVERRIDES,
    ),
}
