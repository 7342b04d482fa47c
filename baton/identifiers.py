"""How identifiers are spelt: the SQL of `macros/normalise_*.sql` for Python that reads raw rows."""

_DIGITS = "regexp_replace({0}, '[^0-9]', '', 'g')"
_EMAIL = r"case when regexp_matches(lower(trim({0})), '^[^@\s]+@[^@\s]+\.[^@\s]+$') then lower(trim({0})) end"  # noqa: E501
_PHONE = f"""case
    when trim({{0}}) like '+%' and length({_DIGITS}) between 8 and 15 then '+' || {_DIGITS}
    when length({_DIGITS}) = 10 then '+1' || {_DIGITS}
    when length({_DIGITS}) = 11 and {_DIGITS} like '1%' then '+' || {_DIGITS}
end"""
_OTHER = "nullif(trim({0}), '')"


def spelt(node_type: str, expression: str) -> str:
    """Return DuckDB's SQL of a value as `nodes` has it; null for what nobody can be known by."""
    form = {"email": _EMAIL, "phone": _PHONE}.get(node_type, _OTHER)
    return form.format(expression)
