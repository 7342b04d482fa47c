{% call journey() %}
journey: win_back
owner: customer_marketing
raci: {consulted: [consent, sales_lifecycle], informed: service_desk}
review_every: 180 days
needs:
  - {field: email}
  - {field: country, fresh_within: 30 days}
purpose: marketing
reentry: after_exit
cooldown: 90 days
horizon: 45 days
timezone: America/New_York
steps:
  - {to: lapsed, leaves: recent_buyer, why: has bought nothing for 60 days}
  - {from: lapsed, to: invited, at: "10:00", days: weekdays, unless: open_case, do: email_we_miss_you, why: invited back the next working morning}
  - {from: invited, to: called, after: 14 days, if: renewal_due, unless: open_case, do: task_renewal_call, within: 2 days, why: "still away, and the membership is about to end"}
  - {from: invited, to: reminded, after: 14 days, unless: [open_case, renewal_due], do: email_last_offer, why: still away two weeks later}
  - {from: any, to: back, enters: recent_buyer, kind: goal, why: bought again}
  - {from: any, to: exited, when: case_opened, kind: exit, why: an open case comes first}
{% endcall %}
