"""How identifiers are spelt: the SQL of `macros/normalise_*.sql` for Python that reads raw rows."""

_DIGITS = "regexp_replace({0}, '[^0-9]', '', 'g')"
_EMAIL = (
    "case when length({0}) <= 320 and regexp_matches(lower(trim({0})), "
    r"'^[a-z0-9!#$%&''*+/=?^_`{{|}}~.-]{{1,64}}"
    r"@([a-z0-9_]([a-z0-9_-]{{0,61}}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{{0,61}}[a-z0-9])?$') "
    "then lower(trim({0})) end"
)
_PHONE = f"""case
    when regexp_matches(trim({{0}}), '^\\+[0-9 ()./-]{{{{7,30}}}}$')
        and length({_DIGITS}) between 8 and 15 then '+' || {_DIGITS}
    when not regexp_matches({{0}}, '[^0-9 ()./-]')
        and regexp_matches({_DIGITS}, '^1?[2-9][0-9]{{{{9}}}}$')
        then '+1' || right({_DIGITS}, 10)
end"""
_ID = (
    "case when length({0}) <= 1024 and not regexp_matches(lower(trim({0})), "
    r"'^([0-]*|[(<\[]?(null|undefined|none|nil|nan|n/a|not set|object object)[)>\]]?)$"
    "|[[:cntrl:]]') then nfc_normalize(trim({0})) end"
)


def spelt(node_type: str, expression: str) -> str:
    """Return DuckDB's SQL of a value as `nodes` has it; null for what nobody can be known by."""
    form = {"email": _EMAIL, "phone": _PHONE}.get(node_type, _ID)
    return form.format(expression)
