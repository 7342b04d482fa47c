{% call journey() %}
journey: delivery_recovery
owner: sales_lifecycle
raci: {responsible: activation, consulted: consent}
review_every: 180 days
purpose: sales                      # that of the messages it repeats, never a looser one
key: message_id                     # the message that failed: one recovery for each
reentry: never
horizon: 2 days
steps:
  - {to: recovering, when: message_failed, do: fallback, why: the message could not be delivered}
  # The fallback is a message with an id of its own: its acceptance is not heard here, and its
  # failure starts a recovery of its own. What is heard is the failed message, sent again by hand.
  - {from: any, to: accepted_after_all, when: message_accepted, kind: goal, why: the failed message was sent again and accepted}
  - {from: any, to: exited, when: case_opened, kind: exit, why: an open case comes first}
{% endcall %}
