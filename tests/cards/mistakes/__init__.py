"""Every kind of mistake that `baton check` finds: the table of the tests, and of the docs."""

from mistakes.consent_mistakes import CONSENT_MISTAKES
from mistakes.contest_mistakes import CONTEST_MISTAKES
from mistakes.file_mistakes import FILE_MISTAKES
from mistakes.governance_mistakes import GOVERNANCE_MISTAKES
from mistakes.graph_mistakes import GRAPH_MISTAKES
from mistakes.identity_mistakes import IDENTITY_MISTAKES
from mistakes.list_mistakes import LIST_MISTAKES
from mistakes.name_mistakes import NAME_MISTAKES
from mistakes.pack_mistakes import PACK_MISTAKES
from mistakes.policy_mistakes import POLICY_MISTAKES
from mistakes.promise_mistakes import PROMISE_MISTAKES
from mistakes.table import Mistakes
from mistakes.target_mistakes import TARGET_MISTAKES
from mistakes.trigger_mistakes import TRIGGER_MISTAKES
from mistakes.value_mistakes import VALUE_MISTAKES

SECTIONS: dict[str, Mistakes] = {
    "The file and its YAML": FILE_MISTAKES,
    "Keys and values": VALUE_MISTAKES,
    "Triggers and conditions": TRIGGER_MISTAKES,
    "Targets, splits and actions": TARGET_MISTAKES,
    "Names": NAME_MISTAKES,
    "How the steps hang together": GRAPH_MISTAKES,
    "Files and lists": LIST_MISTAKES,
    "Freshness promises": PROMISE_MISTAKES,
    "Who answers, and what is relied on": GOVERNANCE_MISTAKES,
    "Source packs": PACK_MISTAKES,
    "Policies": POLICY_MISTAKES,
    "What consent rests on": CONSENT_MISTAKES,
    "What goes out, and what first": CONTEST_MISTAKES,
    "Who is who": IDENTITY_MISTAKES,
}
ALL = {title: mistake for section in SECTIONS.values() for title, mistake in section.items()}
