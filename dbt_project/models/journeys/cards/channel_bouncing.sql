{% call journey() %}
journey: channel_bouncing
owner: service_desk
approvers: [service_desk, service_leads]
raci: {responsible: service_desk, accountable: service_leads, informed: journeys}
review_every: 90 days
purpose: service
reentry: always                     # without a key: one at a time
horizon: 2 hours                    # who comes back later starts anew
steps:
  - {to: searching, when: help_viewed, why: looked at a help page}
  - {from: searching, to: asking, when: chat_asked, why: asked the bot}
  - {from: asking, to: searching_again, when: help_viewed, why: back on the help pages without an answer}
  - {from: searching_again, to: asking_again, when: chat_asked, why: asked the bot a second time}
  - {from: asking_again, to: handed_over, when: bot_failed, do: route_bounced_customer, within: 30 minutes, why: "web, bot, web, bot: nobody has helped"}
  - {from: any, to: answered, when: bot_answered, kind: goal, why: the bot had an answer}
  - {from: any, to: with_a_person, when: agent_answered, kind: goal, why: a person took over}
  - {from: any, to: in_a_case, when: case_opened, kind: exit, why: a case takes care of it}
{% endcall %}
