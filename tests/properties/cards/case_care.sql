{% call journey() %}
journey: case_care
owner: sales_lifecycle
purpose: service
reentry: never
horizon: 30 days
grace: 90 days
steps:
  - {to: cared_for, when: case_opened, why: a case was opened}
  - {from: cared_for, to: quiet, after: 1 day, unless: open_case, why: the case is closed}
  - {from: [cared_for, quiet], to: back, when: quote_started, why: is buying again}
  - {from: back, to: thankful, when: quote_submitted, kind: goal, why: bought again}
  - {from: quiet, to: annoyed, when: case_opened, kind: exit, why: another case}
{% endcall %}
