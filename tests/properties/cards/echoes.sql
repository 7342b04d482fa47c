{% call journey() %}
journey: echoes
owner: sales_lifecycle
purpose: sales
key: quote_id
reentry: always
horizon: 1 day
grace: 90 days
steps:
  - {to: heard, when: quote_started, why: a quote was started}
  - {from: heard, to: heard_again, when: quote_started, why: and once more}
  - {from: heard_again, to: faded, after: 3 hours, unless: open_case, why: nothing more came}
  - {from: any, to: answered, when: quote_submitted, kind: goal, why: submitted}
{% endcall %}
