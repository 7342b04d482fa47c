"""A card, and a dbt project around it that a test may change."""

from dataclasses import dataclass
from pathlib import Path

from baton.cards import Problem, check_project

QUOTE_STALLED = """\
{% call journey() %}
journey: quote_stalled
owner: sales
purpose: marketing
key: quote_id
reentry: never
horizon: 30 days
steps:
  - {to: waiting, when: quote_started, why: a quote was started}
  - {from: any, to: won, when: quote_submitted, kind: goal, why: submitted}
  - {from: waiting, to: reminded, after: 2 hours, do: email_reminder, unless: open_case, why: late}
  - {from: reminded, to: called, after: 1 day, do: task_call, within: 1 day, if: high_value, why: x}
  - {from: any, to: exited, when: case_opened, kind: exit, why: a case comes first}
{% endcall %}
"""
ACTIONS = """\
action,outcome,channel,destination,class,template,value,ttl,conflict_group,priority,fallback,owner
email_reminder,send,email,mail,sales,reminder,10,12 hours,sales,50,sms_reminder,sales
sms_reminder,send,sms,gateway,sales,reminder,8,12 hours,sales,40,,sales
task_call,route,crm_task,crm_tasks,sales,call,25.5,2 days,,60,,sales
"""
CONSENT_BASIS = """\
purpose,channel,country,basis,needs_double_opt_in,valid_for
marketing,,,consent,false,
sales,email,,legitimate_interest,,
marketing,email,DE,consent,true,24 months
"""
CONTEST = {
    "identity_rules": (
        "node_type,priority,links,confidence,fanout_cap,cardinality_to,max_per_person\n"
        "user,1,true,1.0,,,1\nemail,2,true,0.95,50,user:1,\n"
    ),
    "identity_blocked_values": (
        "node_type,kind,value,reason\n,exact,unknown,missing\nemail,pattern,noreply@%,nobody\n"
    ),
    "identity_overrides": (
        "kind,node_a_id,node_b_id,reason\n"
        "never,00000000000000000000000000000001,00000000000000000000000000000002,twins\n"
    ),
    "field_trust": "field,source,trust\nemail,crm,1\ncountry,crm,1\n",
    "owners": (
        "kind,name,owner,review_every\n"
        "field,email,service,90 days\npolicy,caps,sales,\ndestination,mail,sales,1 day\n"
    ),
    "quiet_hours": "channel,class,days,from_time,until_time\nemail,,weekdays,21:00,07:30\n",
    "holdouts": "holdout,journey,class,share,salt\nall_of_us,,marketing,2.5,spring\n",
    "slots": "scope,name,length\ngroup,sales,4 hours\nchannel,sms,1 day\n",
    "caps": (
        "cap,channel,class,journey,brand,period,most,when_full\n"
        "weekly,email,,,,7 days,3,drop\n"
        "daily,,marketing,,,calendar day,2,wait\n"
    ),
    "levers": "scope,name,lever\njourney,quote_stalled,1.5\n",
    "context_weights": "guard,action,class,weight\nhigh_value,task_call,,2\n",
    "limits": "name,most\nperson_per_day,6\njourney_per_hour_factor,20\n",
    "release_policy": (
        "measure,unit,approval_above,refused_above,second_person\nrepeated,persons,0,20,true\n"
    ),
    "latency_promises": "channel,p95_s\n,5\nemail,2.5\n",
}
HANDOFFS = "action,kind,accepted_by\ntask_call,digital_to_voice,case_opened\n"
SIGNAL_KEYS = {
    "quote_started": "{{ json_text('properties', 'quote_id') }}",
    "quote_submitted": "quote_id",
    "case_opened": "cast(null as varchar)",
    "message_failed": "m.message_id",
    "order_paid": "coalesce(a, b)",
}
GUARDS = ("open_case", "high_value")
PROMISE = """\
models:
  - name: quote_started
    config:
      meta:
        baton: {source: web.events, fresh_within: 2 hours}
"""
SOURCES = """\
sources:
  - name: web
    tables:
      - name: events
"""
PROJECT = "name: shop\n\nvars:\n  packs: [segment]\n"
GROUPS = "groups:\n  - name: sales\n  - name: service\n"


@dataclass(frozen=True)
class TinyProject:
    """A dbt project with one card, two guards, five signals, one of which promises freshness."""

    folder: Path

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(path, text.replace(old, new))

    def problems(self) -> list[Problem]:
        return check_project(self.folder)


def tiny_project(folder: Path) -> TinyProject:
    """Return a project in the folder that has no problems."""
    made = TinyProject(folder)
    for signal, key in SIGNAL_KEYS.items():
        made.write(f"models/journeys/signals/{signal}.sql", f"select {key} as correlation_key")
    for guard in GUARDS:
        made.write(f"models/journeys/guards/{guard}.sql", "select 1 as node_id")
    listed = ",\n    ".join(f"'{name}'" for name in SIGNAL_KEYS)
    union = f"{{{{ union_signals([\n    {listed}\n]) | indent(4) }}}}"
    made.write("models/journeys/signals.sql", f"with heard as (\n    {union}\n)\n")
    made.write("models/journeys/guards.sql", "{{ union_guards(['open_case', \"high_value\"]) }}\n")
    made.write("models/journeys/signals/quote_started.yml", PROMISE)
    made.write("models/staging/_web__sources.yml", SOURCES)
    made.write("models/_groups.yml", GROUPS)
    made.write("dbt_project.yml", PROJECT)
    for pack in ("segment", "zendesk"):
        made.write(f"models/staging/packs/{pack}/_{pack}__sources.yml", "sources: []\n")
    made.write("models/journeys/cards/quote_stalled.sql", QUOTE_STALLED)
    made.write("seeds/policies/actions.csv", ACTIONS)
    made.write("seeds/policies/consent_basis.csv", CONSENT_BASIS)
    for policy, text in CONTEST.items():
        made.write(f"seeds/policies/{policy}.csv", text)
    made.write("seeds/policies/handoffs.csv", HANDOFFS)
    made.write(
        "seeds/policies/channels.csv", "channel,node_type\nemail,email\nsms,phone\ncrm_task,\n"
    )
    return made
