{% call journey() %}
journey: quote_stalled
owner: sales_lifecycle              # a dbt group
raci: {responsible: sales_lifecycle, accountable: sales_lifecycle, consulted: consent, informed: service_desk}
review_every: 90 days               # who answers looks again: `baton review`
needs:                              # the data contract
  - {signal: quote_started, fresh_within: 2 hours}
  - {signal: case_opened, fresh_within: 2 days}
  - {field: email}
purpose: sales                      # the consent it needs
key: quote_id                       # one instance per person and quote
reentry: never
horizon: 30 days
steps:
  - {to: waiting, when: quote_started, why: a quote was started}
  - {from: any, to: won, when: quote_submitted, kind: goal, why: the quote was submitted}
  - {from: waiting, to: reminded, after: 2 hours, do: email_quote_reminder, unless: open_case, why: not submitted in 2 hours}
  - {from: reminded, to: called, after: 1 day, do: task_sales_call, within: 1 day, if: high_value, why: still open and worth a call}
  - {from: any, to: exited, when: case_opened, kind: exit, why: an open case comes first}
{% endcall %}
