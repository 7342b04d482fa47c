{% call journey() %}
journey: second_thoughts
owner: sales_lifecycle
purpose: sales
key: quote_id
reentry: after_exit
cooldown: 1 hour
horizon: 2 days
grace: 90 days
max_steps: 8
steps:
  - {to: thinking, when: quote_started, why: a quote was started}
  - {from: thinking, to: thinking, when: quote_started, if: high_value, why: started again}
  - {from: thinking, to: asked, after: 2 hours, do: email_quote_reminder, if: high_value, unless: open_case, why: much at stake}
  - {from: thinking, to: left_alone, after: 4 hours, why: little at stake}
  - {from: left_alone, to: thinking, after: 20 hours, why: the next day}
  - {from: any, to: decided, when: quote_submitted, kind: goal, unless: open_case, why: submitted}
  - {from: [asked, left_alone], to: unhappy, when: case_opened, kind: exit, why: has a case}
{% endcall %}
