import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.serve.masking import masked


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        ({"email": "ann@mail.example"}, {"email": "a***@mail.example"}),
        ({"phone": "+1 (555) 010-0200"}, {"phone": "***00"}),
        ({"phone": 15550100234}, {"phone": "***34"}),
        ({"mobile_number": "12"}, {"mobile_number": "***"}),
        ({"first_name": "Ann-Sophie", "last_name": "de Vries"},
         {"first_name": "A.", "last_name": "d. V."}),
        ({"birth_date": "1980-01-02", "street": "Elm 1"}, {"birth_date": "***", "street": "***"}),
        ({"said": ["call +1 555 010 0234 or ann@mail.example, please"]},
         {"said": ["call ***34 or a***@mail.example, please"]}),
        ({"ann@mail.example": 1}, {"a***@mail.example": 1}),
        ({"product": "Oak kitchen", "value": 1234.5, "is_open": True, "owner": None},
         {"product": "Oak kitchen", "value": 1234.5, "is_open": True, "owner": None}),
        ({"at": "2026-03-02 12:00:00", "day": "2026-03-02", "iso": "2026-03-02T12:00:00.123456"},
         {"at": "2026-03-02 12:00:00", "day": "2026-03-02", "iso": "2026-03-02T12:00:00.123456"}),
        ({"quote_id": "Q-17", "case": "C-2026-118"}, {"quote_id": "Q-17", "case": "C-2026-118"}),
        ({"id": "3f2b" * 8}, {"id": "3f2b" * 8}),
        ({"surname": "Lee", "firstName": "Ann", "LAST_NAME": "Lee", "First-Name": "Ann"},
         {"surname": "L.", "firstName": "A.", "LAST_NAME": "L.", "First-Name": "A."}),
        ({"dob": "1980-01-02", "postal_code": "10115", "iban": "DE02 1203 0000", "ZipCode": 10115},
         {"dob": "***", "postal_code": "***", "iban": "***", "ZipCode": "***"}),
        ({"billing_address": "Elm 1", "addressLine2": "flat 3", "email_address": "ann@mail.org"},
         {"billing_address": "***", "addressLine2": "***", "email_address": "a***@mail.org"}),
        ({"name": {"first": "Ann", "others": ["Sophie"]}, "address": {"lines": ["Elm 1"], "no": 1}},
         {"name": {"first": "A.", "others": ["S."]}, "address": {"lines": ["***"], "no": "***"}}),
        ({"address": {"name": "Ann"}, "name": {"phone": 15550100234}},
         {"address": {"name": "***"}, "name": {"phone": "***34"}}),
        ({"contact": 15550100234, "numbers": [15550100234, 15550100234.0], "Tel": "555 01"},
         {"contact": "***34", "numbers": ["***34", "***34"], "Tel": "***01"}),
        ({"crm_id": 15550100234, "ids": [15550100234], "loaded_at": 1772452800, "value": 99999},
         {"crm_id": 15550100234, "ids": [15550100234], "loaded_at": 1772452800, "value": 99999}),
        ({"product_name": "Oak kitchen", "capacity": "2 l", "address_node_id": "n1"},
         {"product_name": "Oak kitchen", "capacity": "2 l", "address_node_id": "n1"}),
    ],
)  # fmt: skip
def test_a_value_is_recognised_but_not_told(context, shown):
    assert masked(context) == shown


EMAILS = st.builds(
    lambda local, host: f"{local}@{host}.example",
    st.text("abcdefghijklmnopqrstuvwxyz0123456789.+_-", min_size=2, max_size=12),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9),
)
PHONES = st.builds(
    lambda digits, cut: f"+{digits[:cut]} {digits[cut:]}",
    st.text("123456789", min_size=9, max_size=14),
    st.integers(1, 5),
)
FRAMES = st.sampled_from(["{}", "call {}.", "({})", "<{}>", "to:{}", '"{}"', "{},{}", "x {} y"])


@given(st.one_of(EMAILS, PHONES), FRAMES, st.integers(0, 3))
def test_an_address_is_masked_wherever_it_stands(planted, frame, depth):
    value = frame.format(planted, planted)
    for _ in range(depth):
        value = {"notes": [value, {"more": value}]}
    assert planted not in json.dumps(masked({"said": value}))
