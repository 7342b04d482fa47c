"""Mistakes: what consent rests on."""

from mistakes.table import Mistakes, Said, change

BASIS = "seeds/policies/consent_basis.csv"
COLUMNS = "purpose,channel,country,basis,needs_double_opt_in,valid_for"

CONSENT_MISTAKES: Mistakes = {
    "a column of consent that is none": change(
        ",basis,",
        ",law,",
        Said(
            "basis_missing_column",
            1,
            "the column `basis` is missing",
            f"add the column; the columns are {COLUMNS}",
        ),
        Said(
            "basis_unknown_column",
            1,
            "`law` is no column of consent_basis",
            "use one of `basis`, `channel`, `country`, `needs_double_opt_in`, `purpose`, "
            "`valid_for`, or take the column out",
        ),
        file=BASIS,
    ),
    "a purpose of a basis that is none": change(
        "sales,email",
        "sale,email",
        Said("basis_bad_purpose", 3, "`sale` is no purpose Baton knows", "did you mean `sales`?"),
        file=BASIS,
    ),
    "a channel of a basis that is none": change(
        "sales,email",
        "sales,pigeon",
        Said(
            "basis_bad_channel",
            3,
            "`pigeon` is no channel Baton knows",
            "use one of `crm_task`, `email`, `sms`, or write a known channel (line 3)",
        ),
        file=BASIS,
    ),
    "a basis that is none": change(
        "legitimate_interest",
        "interest",
        Said(
            "basis_bad_basis",
            3,
            "`interest` is no basis Baton knows",
            "use one of `consent`, `contract`, `legitimate_interest`, `soft_opt_in`, "
            "or write a known basis (line 3)",
        ),
        file=BASIS,
    ),
    "a double opt-in that is neither yes nor no": change(
        "consent,true",
        "consent,yes",
        Said(
            "basis_bad_needs_double_opt_in",
            4,
            "`yes` is no needs_double_opt_in Baton knows",
            "use one of `false`, `true`, or write a known needs_double_opt_in (line 4)",
        ),
        file=BASIS,
    ),
    "a country that is no code": change(
        ",DE,",
        ",Germany,",
        Said(
            "basis_bad_country",
            4,
            "`Germany` is no country code",
            "write its two capital letters of ISO 3166, such as `DE`, or leave it blank for any",
        ),
        file=BASIS,
    ),
    "an age of consent that is none": change(
        "24 months",
        "two years",
        Said(
            "basis_bad_valid_for",
            4,
            "`valid_for` is no age: `two years`",
            'write a whole number and days, weeks, months or years, such as "24 months"',
        ),
        file=BASIS,
    ),
    "a basis given twice": change(
        "sales,email,,",
        "marketing,,,",
        Said(
            "basis_twice",
            3,
            "purpose, channel and country are given twice",
            "keep one; the first stands on line 2",
        ),
        file=BASIS,
    ),
}
