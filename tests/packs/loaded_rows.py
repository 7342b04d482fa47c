"""What seven loaders might have written: invented people, one or two of a kind."""

from datetime import datetime, timedelta

NOON = datetime(2026, 3, 1, 12)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def _call(number: int, minute: int, **more: object) -> dict[str, object]:
    return {
        "id": f"call{number}",
        "received_at": at(minute + 1),
        "timestamp": at(minute),
        "context_library_name": "analytics.js",
        **more,
    }


TABLES: dict[str, list[dict[str, object]]] = {
    "segment.identifies": [
        _call(1, 0, anonymous_id="browser1", user_id="u1", email=" Ada@Example.com "),
        _call(
            2,
            1,
            anonymous_id="browser1",
            user_id="u1",
            first_name="Ada",
            phone="+44 20 7946 0001",
            context_locale="en-GB",
            context_timezone="Europe/London",
            context_device_id="phone-of-ada",
        ),
    ],
    "segment.tracks": [
        _call(3, 2, anonymous_id="browser1", event="quote_started", event_text="Quote Started"),
        _call(
            4, 3, user_id="u1", event="product_viewed", context_page_search="?gclid=G1&utm_source=x"
        ),
        _call(5, 4, user_id="u1", event="unsubscribed", context_traits_email="ada@example.com"),
    ],
    "segment.quote_started": [
        _call(
            3,
            2,
            anonymous_id="browser1",
            event="quote_started",
            event_text="Quote Started",
            quote_id="q1",
            value=650,
        )
    ],
    "segment.pages": [_call(6, 5, anonymous_id="browser1", path="/help/returns", title="Returns")],
    "segment.aliases": [_call(7, 6, user_id="u1", previous_id="browser0")],
    "rudderstack.identifies": [
        _call(
            1,
            0,
            user_id="u7",
            context_traits_email="gil@example.com",
            context_traits_first_name="Gil",
        )
    ],
    "rudderstack.tracks": [
        _call(2, 1, user_id="u7", anonymous_id="browser7", event="quote_submitted")
    ],
    "atomic.events": [
        {
            "event_id": "s1",
            "event": "page_view",
            "event_vendor": "com.snowplowanalytics.snowplow",
            "event_name": "page_view",
            "event_version": "1-0-0",
            "domain_userid": "browser8",
            "network_userid": "network8",
            "collector_tstamp": at(1),
            "derived_tstamp": at(0),
            "page_urlpath": "/help/sizes",
            "page_urlquery": "fbclid=F8",
        },
        {
            "event_id": "s2",
            "event": "unstruct",
            "event_vendor": "com.shop",
            "event_name": "quoteStarted",
            "event_version": "2-1-0",
            "user_id": "u8",
            "domain_userid": "browser8",
            "collector_tstamp": at(3),
            "derived_tstamp": at(2),
            "unstruct_event_com_shop_quote_started_2": '{"quote_id": "q8", "value": 10}',
        },
        {
            "event_id": "s3",
            "event": "page_ping",
            "event_name": "page_ping",
            "domain_userid": "browser8",
            "collector_tstamp": at(4),
        },
        {
            "event_id": "s4",
            "event": "struct",
            "event_name": "event",
            "domain_userid": "browser8",
            "se_category": "shop",
            "se_action": "compare",
            "collector_tstamp": at(5),
        },
    ],
    "hubspot.contact": [
        {
            "id": 51,
            "_fivetran_synced": at(30),
            "_fivetran_deleted": False,
            "property_email": "Hedy@Example.com",
            "property_firstname": "Hedy",
            "property_mobilephone": "+43 1 555 0100",
            "property_hs_country_region_code": "at",
            "property_hs_language": "de-at",
            "property_hs_email_optout": True,
            "property_hs_google_click_id": "H51",
            "property_hs_merged_object_ids": "52;53",
            "property_lastmodifieddate": at(10),
        },
        {
            "id": 54,
            "_fivetran_synced": at(31),
            "_fivetran_deleted": True,
            "property_email": "gone@example.com",
            "property_firstname": "Gone",
            "property_lastmodifieddate": at(11),
        },
    ],
    "hubspot.contact_merge_audit": [
        {"canonical_vid": 51, "vid_to_merge": 52, "timestamp": at(-600), "_fivetran_synced": at(30)}
    ],
    "hubspot.email_event": [
        {
            "id": f"e{n}",
            "type": kind,
            "recipient": who,
            "created": at(n),
            "_fivetran_synced": at(30),
        }
        for n, kind, who in (
            (1, "BOUNCE", "nobody@example.com"),
            (2, "BOUNCE", "full@example.com"),
            (3, "SPAMREPORT", "cross@example.com"),
            (4, "STATUSCHANGE", "hedy@example.com"),
            (5, "OPEN", "hedy@example.com"),
            (6, "BOUNCE", "unexplained@example.com"),
        )
    ],
    "hubspot.email_event_bounce": [
        {"id": "e1", "category": "UNKNOWN_USER", "_fivetran_synced": at(30)},
        {"id": "e2", "category": "MAILBOX_FULL", "_fivetran_synced": at(30)},
    ],
    "hubspot.email_event_status_change": [
        {"id": "e4", "portal_subscription_status": "UNSUBSCRIBED", "_fivetran_synced": at(30)}
    ],
    "hubspot.ticket": [
        {
            "id": 900,
            "_fivetran_synced": at(30),
            "is_deleted": False,
            "property_hs_ticket_category": "delivery",
            "property_createdate": at(-60),
            "property_closed_date": None,
            "property_hs_lastmodifieddate": at(-50),
        },
        {"id": 901, "_fivetran_synced": at(30), "property_closed_date": at(-20)},
    ],
    "hubspot.ticket_contact": [
        {"ticket_id": 900, "contact_id": 51, "_fivetran_synced": at(30)},
        {"ticket_id": 901, "contact_id": 51, "_fivetran_synced": at(30)},
    ],
    "salesforce.contact": [
        {
            "id": "003A",
            "email": "sam@example.com",
            "phone": "+1 212 555 0123",
            "first_name": "Sam",
            "mailing_country": "United States",
            "mailing_country_code": "US",
            "has_opted_out_of_email": False,
            "last_modified_date": at(0),
            "_fivetran_synced": at(30),
        },
        {
            "id": "003B",
            "master_record_id": "003A",
            "is_deleted": True,
            "email": "sam.old@example.com",
            "last_modified_date": at(-9),
            "_fivetran_synced": at(30),
        },
    ],
    "salesforce.lead": [
        {
            "id": "00QA",
            "is_converted": True,
            "converted_contact_id": "003A",
            "email": "sam@shop.example",
            "gclid_c": "S1",
            "has_opted_out_of_email": True,
            "last_modified_date": at(-5),
            "_fivetran_synced": at(30),
        },
        {
            "id": "00QB",
            "is_converted": False,
            "email": "new@example.com",
            "last_modified_date": at(-5),
            "_fivetran_synced": at(30),
        },
    ],
    "salesforce.case": [
        {
            "id": "500A",
            "contact_id": "003A",
            "supplied_email": "sam@example.com",
            "type": "delivery",
            "is_closed": True,
            "created_date": at(-90),
            "closed_date": at(-10),
            "last_modified_date": at(-10),
            "_fivetran_synced": at(30),
        }
    ],
    "zendesk.user": [
        {
            "id": 71,
            "external_id": "u1",
            "email": "ada@example.com",
            "phone": "+1 212 555 0171",
            "shared_phone_number": True,
            "role": "end-user",
            "active": True,
            "locale": "en-US",
            "updated_at": at(0),
            "_fivetran_synced": at(30),
        },
        {
            "id": 72,
            "email": "agent@shop.example",
            "role": "agent",
            "updated_at": at(0),
            "_fivetran_synced": at(30),
        },
    ],
    "zendesk.ticket": [
        {
            "id": 801,
            "requester_id": 71,
            "status": "pending",
            "type": "problem",
            "priority": "high",
            "created_at": at(-30),
            "updated_at": at(-20),
            "_fivetran_synced": at(30),
        },
        {
            "id": 802,
            "requester_id": 73,
            "status": "deleted",
            "created_at": at(-30),
            "updated_at": at(-25),
            "_fivetran_synced": at(30),
        },
    ],
    "intercom.contact_history": [
        {
            "id": "ic1",
            "updated_at": at(0),
            "role": "lead",
            "external_id": "made-up",
            "email": "ivy@example.com",
            "unsubscribed_from_emails": True,
            "_fivetran_synced": at(30),
        },
        {
            "id": "ic2",
            "updated_at": at(0),
            "role": "user",
            "external_id": "u1",
            "email": "ada@example.com",
            "has_hard_bounced": True,
            "_fivetran_synced": at(30),
        },
    ],
    "intercom.conversation_history": [
        {
            "id": "k1",
            "updated_at": at(20),
            "created_at": at(0),
            "state": "open",
            "source_type": "conversation",
            "source_author_type": "user",
            "source_author_id": "ic2",
            "source_delivered_as": "customer_initiated",
            "source_body": "Where is my order?",
            "_fivetran_synced": at(30),
        },
        {
            "id": "k2",
            "updated_at": at(20),
            "created_at": at(0),
            "state": "closed",
            "source_author_type": "admin",
            "source_author_id": "agent1",
            "source_delivered_as": "automated",
            "source_body": "Spring sale!",
            "_fivetran_synced": at(30),
        },
    ],
    "intercom.conversation_part_history": [
        {
            "id": f"p{n}",
            "updated_at": at(n),
            "created_at": at(n),
            "conversation_id": "k1",
            "part_type": part,
            "author_type": who,
            "author_id": author,
            "assigned_to_id": to,
            "body": body,
            "_fivetran_synced": at(30),
        }
        for n, part, who, author, to, body in (
            (1, "comment", "bot", "bot1", None, "Have you looked at /orders?"),
            (2, "comment", "user", "ic2", None, "Yes. A person, please."),
            (3, "assignment", "bot", "bot1", "team1", None),
            (4, "note", "admin", "agent1", None, "a note among agents"),
            (5, "comment", "admin", "agent1", None, "I am looking into it."),
            (6, "close", "admin", "agent1", None, None),
            (7, "assignment", "bot", "bot1", None, None),
        )
    ],
    "intercom.conversation_contact_history": [
        {
            "conversation_id": "k1",
            "contact_id": "ic2",
            "conversation_updated_at": at(5),
            "_fivetran_synced": at(30),
        }
    ],
}
NEEDED = {
    "segment": {"id", "received_at"},
    "rudderstack": {"id", "received_at"},
    "atomic": {"event_id", "collector_tstamp"},
    "hubspot": {
        "id",
        "canonical_vid",
        "vid_to_merge",
        "ticket_id",
        "contact_id",
        "_fivetran_synced",
    },
    "salesforce": {"id", "_fivetran_synced"},
    "zendesk": {"id", "_fivetran_synced"},
    "intercom": {
        "id",
        "updated_at",
        "conversation_id",
        "contact_id",
        "conversation_updated_at",
        "_fivetran_synced",
    },
}
"""The columns by which rows of each loader are told apart and found; all others may be missing."""
