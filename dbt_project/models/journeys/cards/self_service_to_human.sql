{% call journey() %}
journey: self_service_to_human
owner: service_desk
approvers: [service_desk, service_leads]
raci: {responsible: service_desk, accountable: service_leads, consulted: journeys, informed: customer_marketing}
review_every: 60 days
needs:
  - {signal: case_opened, fresh_within: 2 days}
purpose: service
reentry: always
horizon: 8 hours
steps:
  - {to: reading, when: help_viewed, why: read the help pages}
  - {to: asking, when: chat_asked, why: asked the bot}
  - {from: reading, to: asking, when: chat_asked, why: asked the bot}
  - {from: [reading, asking], to: handed_over, when: bot_handed_over, do: escalate_with_history, within: 15 minutes, on_block: wait, why: the bot passed the customer on}
  - {from: handed_over, to: overdue, after: 15 minutes, do: escalate_overdue, owner: service_leads, within: 10 minutes, why: no agent answered within the service level}
  - {from: any, to: had_to_repeat, when: agent_asked_again, kind: exit, why: the agent asked again what had been said before}
  - {from: any, to: with_a_person, when: agent_answered, kind: goal, why: an agent took over}
  - {from: [reading, asking], to: answered, when: bot_answered, kind: goal, why: the bot had an answer}
  - {from: any, to: in_a_case, when: case_opened, kind: exit, why: a case takes care of it}
{% endcall %}
