"""Two people whom a shared address made one are separated, and all that followed is put right."""

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baton.journal import Accessor

from .commands import call
from .erasing import rows
from .harness import Edit, Installation, Shop
from .records import Arrival, Customer, after, chat, consent, contact, quote_started, web
from .slices import slice_folder, write_slices

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

ANNA, OLAF = Customer("anna_of_two"), Customer("olaf_of_two")
CLOSES = (0, 60, 130, 135, 150, 400)
HOUSEHOLD, QUOTE, LATER_QUOTE = "h-of-two", "q-of-two", "q-of-anna-later"
ONE_MESSAGE = Edit(
    "seeds/policies/caps.csv",
    "sales_weekly,,sales,,,7 days,4,wait",
    "sales_weekly,,sales,,,7 days,1,drop",
)
AUDIENCE, ACTIONS, NOTES = "audience_lapsed_shoppers", "decided_actions", "handoff_contexts"


def at_home(who: Customer) -> Arrival:
    known = contact(who)
    return replace(known, values={**known.values, "household_id": HOUSEHOLD})


def yes_to_marketing(who: Customer) -> Arrival:
    said = consent(who, "email", True, at=-40_000)
    return replace(said, values={**said.values, "purpose": "marketing"}).late(0)


def write_order(folder: Path) -> None:
    """The household bought something long ago."""
    (folder / "shop").mkdir()
    bought = after(-60_000).isoformat()
    duckdb.sql(
        f"select 'b-of-two' as basket_id, '{HOUSEHOLD}' as household_id, '1' as store_id, "
        f"'{ANNA.contact_id}' as contact_id, 1 as items, 20.0::double as amount, "
        f"0.0::double as discount, timestamp '{bought}' as ordered_at"
    ).write_parquet(str(folder / "shop" / "orders-00.parquet"))


def on_the_device_of_the_other() -> Arrival:
    """Anna looks up her order on Olaf's tablet."""
    seen = web(OLAF, "login", at=59, by=("device",))
    return replace(seen, values={**seen.values, "email": ANNA.email})


ARRIVALS = (
    *(one for who in (ANNA, OLAF) for one in who.base() if one.table != "crm.contacts"),
    *(one(who) for who in (ANNA, OLAF) for one in (at_home, yes_to_marketing)),
    *(consent(who, "sms", True, at=-43_200).late(0) for who in (ANNA, OLAF)),
    quote_started(ANNA, at=5, quote_id=QUOTE),
    quote_started(OLAF, at=12, quote_id=QUOTE),
    on_the_device_of_the_other(),
    consent(OLAF, "sms", False, at=61, names="person"),
    chat(OLAF, "customer", at=126, topic="late_delivery"),
    chat(OLAF, "bot", at=128, intent="handover", topic="late_delivery"),
    quote_started(ANNA, at=155, quote_id=LATER_QUOTE),
)


@dataclass
class Found:
    """What was found at one moment; people are named, not numbered."""

    persons: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    texting: dict[str, bool] = field(default_factory=dict)
    instances: list[tuple[str, str]] = field(default_factory=list)
    mails: int = 0
    reminded: list[str] = field(default_factory=list)
    contexts: dict[str, str | None] = field(default_factory=dict)
    drops: dict[str, list[dict[str, str]]] = field(default_factory=dict)


def persons_of(installation: Installation) -> dict[str, str]:
    """The person ids of the two by their names."""
    found = "select person_id from {identity_map} where node_id = ?"
    return {
        who.name: person
        for who in (ANNA, OLAF)
        for (person,) in rows(installation, found, who.node_id)
    }


def look(installation: Installation, drops: Path) -> Found:
    """Run the syncs, and look at everything that is known of the two."""
    environment = {**installation.environment(), "RETAIL_DROP_DIRECTORY": str(drops)}
    drop = (AUDIENCE, ACTIONS, NOTES)
    names = [f"{name.removeprefix('audience_')}_for_the_shop" for name in drop]
    ran = call(installation.project.root, environment, "sync", "run", *names)
    assert ran.exit_code == 0, ran.output
    found = Found(persons=persons_of(installation))
    found.profiles = {
        who: name
        for who, person in found.persons.items()
        for (name,) in rows(
            installation, "select first_name from {customers} where person_id = ?", person
        )
    }
    for who in (ANNA, OLAF):
        [(allowed,)] = rows(
            installation,
            "select p.is_granted from {consent_permissions} as p "
            "inner join {contact_points} as c on p.contact_point_id = c.contact_point_id "
            "where p.channel = 'sms' and p.purpose = 'sales' and p.brand = 'main' "
            "and c.address = ?",
            who.phone,
        )
        found.texting[who.name] = allowed
        by = Accessor("test", "contexts/search", is_masked=True)
        context = installation.journal.read_context("email", who.email, by)
        found.contexts[who.name] = context and context.person_id
    events = installation.receivers.log.events()
    found.mails = sum(one.get("recipient") in (ANNA.email, OLAF.email) for one in events)
    sent = rows(
        installation,
        "select m.person_id from {outbox} as o "
        "inner join {identity_map} as m on o.entry_node_id = m.node_id "
        "where o.action = 'email_quote_reminder'",
    )
    found.reminded = [person for (person,) in sent]
    found.instances = rows(
        installation,
        "select person_id, step from {journey_states} where correlation_key = ? order by all",
        QUOTE,
    )
    for name in drop:
        with (drops / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found.drops[name] = list(csv.DictReader(file))
    return found


@dataclass(frozen=True)
class Story:
    """The two before, as one person, and as two again; what was decided of Anna's later quote."""

    before: dict[str, str]
    merged: Found
    apart: Found
    later: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("two")
    shop = Shop(folder / "shop", [ONE_MESSAGE])
    with shop.open(folder / "stores", (ANNA, OLAF)) as installation:
        write_slices(folder / "slices", ARRIVALS, [after(minute) for minute in CLOSES])
        write_order(slice_folder(folder / "slices", 0))

        def run(minute: int) -> None:
            installation.land(slice_folder(folder / "slices", CLOSES.index(minute)))
            installation.batch(after(minute))
            installation.send()

        run(0)
        before = persons_of(installation)
        for minute in (60, 130, 135):
            run(minute)
        merged = look(installation, folder / "drops")
        parted = call(
            installation.project.root,
            installation.environment(),
            *("identity", "separate", ANNA.contact_id, OLAF.contact_id),
            *("--reason", "one tablet, two people", "--by", "test"),
        )
        assert parted.exit_code == 0, parted.output
        run(150)
        apart = look(installation, folder / "drops")
        run(400)
        later = rows(
            installation,
            "select d.outcome, d.reason from {decisions} as d "
            "inner join {journey_states} as s on d.instance_id = s.instance_id "
            "where s.correlation_key = ?",
            LATER_QUOTE,
        )
    return Story(before, merged, apart, later)


def owners(found: Found, name: str) -> set[str]:
    """Whom the rows of a drop are about."""
    names = {person: who for who, person in found.persons.items()}
    return {names[row["person_id"]] for row in found.drops[name]}


def test_each_has_the_profile_that_is_theirs(story: Story) -> None:
    assert len(set(story.merged.persons.values())) == 1
    assert story.apart.profiles == {who.name: who.name.title() for who in (ANNA, OLAF)}
    assert story.apart.persons == story.before


def test_a_no_of_the_one_is_no_longer_a_no_of_the_other(story: Story) -> None:
    assert story.merged.texting == {ANNA.name: False, OLAF.name: False}
    assert story.apart.texting == {ANNA.name: True, OLAF.name: False}


def test_the_journey_that_had_gone_up_in_the_other_is_there_again(story: Story) -> None:
    persons = story.apart.persons
    assert [step for _, step in story.merged.instances] == ["reminded"]
    assert dict(story.apart.instances) == {
        persons[ANNA.name]: "reminded",
        persons[OLAF.name]: "reminded",
    }


def test_messages_of_the_one_use_up_no_cap_of_the_other(story: Story) -> None:
    assert (story.merged.mails, len(story.merged.reminded)) == (1, 1)
    assert (story.apart.mails, len(story.apart.reminded)) == (2, 2)
    assert set(story.apart.reminded) == set(story.apart.persons.values())
    assert story.later == [("nothing", "capped")]


def test_the_agent_finds_the_context_of_the_one_who_was_handed_over(story: Story) -> None:
    merged, apart = story.merged, story.apart
    assert merged.contexts == merged.persons
    assert apart.contexts == {ANNA.name: None, OLAF.name: apart.persons[OLAF.name]}


def test_tools_are_told_whom_the_audience_the_actions_and_the_notes_are_about(
    story: Story,
) -> None:
    merged, apart = story.merged, story.apart
    assert len({row["person_id"] for row in merged.drops[AUDIENCE]}) == 1
    mails = {row["person_id"]: row["email"] for row in apart.drops[AUDIENCE]}
    assert mails == {apart.persons[who.name]: who.email for who in (ANNA, OLAF)}
    reminders = [row for row in apart.drops[ACTIONS] if row["action"] == "email_quote_reminder"]
    assert {row["person_id"] for row in reminders} == set(apart.persons.values())
    assert owners(apart, NOTES) == {OLAF.name}
