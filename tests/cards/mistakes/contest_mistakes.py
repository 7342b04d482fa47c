"""Mistakes: what goes out, and what first."""

from mistakes.table import Mistakes, Said, change

DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'

CONTEST_MISTAKES: Mistakes = {
    "a channel of quiet hours that is none": change(
        "email,,",
        "mail,,",
        Said(
            "quiet_hours_bad_channel",
            2,
            "`channel` is none Baton knows: `mail`",
            "did you mean `email`?",
        ),
        file="seeds/policies/quiet_hours.csv",
    ),
    "days that are none": change(
        "weekdays",
        "workdays",
        Said(
            "quiet_hours_bad_days",
            2,
            "`days` is none Baton knows: `workdays`",
            "did you mean `weekdays`?",
        ),
        file="seeds/policies/quiet_hours.csv",
    ),
    "a local time that is none": change(
        "21:00",
        "9 pm",
        Said(
            "quiet_hours_bad_from_time",
            2,
            "`from_time` is no local time: `9 pm`",
            "write hours and minutes, such as 21:00",
        ),
        file="seeds/policies/quiet_hours.csv",
    ),
    "a quiet time that never ends": change(
        "07:30",
        "25:00",
        Said(
            "quiet_hours_bad_until_time",
            2,
            "`until_time` is no local time: `25:00`",
            "write hours and minutes, such as 21:00",
        ),
        file="seeds/policies/quiet_hours.csv",
    ),
    "a class of a holdout that is none": change(
        "marketing",
        "adverts",
        Said(
            "holdouts_bad_class",
            2,
            "`class` is none Baton knows: `adverts`",
            "use one of `marketing`, `sales`, `service`, `transactional`, "
            "or leave it blank for any",
        ),
        file="seeds/policies/holdouts.csv",
    ),
    "a share above all": change(
        "2.5",
        "250",
        Said(
            "holdouts_bad_share",
            2,
            "`share` is no number in its range: `250`",
            "write percent, from 0 to 100",
        ),
        file="seeds/policies/holdouts.csv",
    ),
    "a holdout without a salt": change(
        ",spring",
        ",",
        Said("holdouts_bad_salt", 2, "no `salt`", "write any word that stays the same"),
        file="seeds/policies/holdouts.csv",
    ),
    "a name of a holdout that is none": change(
        "all_of_us",
        "All of us",
        Said(
            "holdouts_bad_holdout",
            2,
            "`holdout` is not a name: `All of us`",
            "use small letters, digits and `_`, starting with a letter",
        ),
        file="seeds/policies/holdouts.csv",
    ),
    "a slot of something else": change(
        "group,",
        "team,",
        Said(
            "slots_bad_scope",
            2,
            "`scope` is none Baton knows: `team`",
            "use one of `channel`, `group`, or take the row out",
        ),
        file="seeds/policies/slots.csv",
    ),
    "a slot that lasts no time": change(
        "4 hours",
        "0 hours",
        Said(
            "slots_bad_length",
            2,
            "`length` must be longer than nothing: `0 hours`",
            DURATION_MEND,
        ),
        file="seeds/policies/slots.csv",
    ),
    "a period that is none": change(
        "calendar day",
        "every day",
        Said(
            "caps_bad_period",
            3,
            "`period` is not a duration: `every day`",
            f"{DURATION_MEND}, or one of calendar day, calendar week, calendar month",
        ),
        file="seeds/policies/caps.csv",
    ),
    "a cap that counts no number": change(
        ",3,drop",
        ",few,drop",
        Said("caps_bad_most", 2, "`most` is no count: `few`", "write a whole number from 0 on"),
        file="seeds/policies/caps.csv",
    ),
    "an outcome of a full cap that is none": change(
        "drop",
        "skip",
        Said(
            "caps_bad_when_full",
            2,
            "`when_full` is none Baton knows: `skip`",
            "use one of `drop`, `next_channel`, `wait`, or take the row out",
        ),
        file="seeds/policies/caps.csv",
    ),
    "a channel of a cap that is none": change(
        "weekly,email",
        "weekly,pigeon",
        Said(
            "caps_bad_channel",
            2,
            "`channel` is none Baton knows: `pigeon`",
            "use one of `crm_task`, `email`, `sms`, or leave it blank for any",
        ),
        file="seeds/policies/caps.csv",
    ),
    "a cap given twice": change(
        "daily,",
        "weekly,",
        Said("caps_twice", 3, "a row is given twice: cap", "keep one; the first stands on line 2"),
        file="seeds/policies/caps.csv",
    ),
    "a column of caps that is missing": change(
        ",most,",
        ",at_most,",
        Said(
            "caps_missing_column",
            1,
            "the column `most` is missing",
            "add the column; the columns are cap,channel,class,journey,brand,period,most,when_full",
        ),
        Said("caps_unknown_column", 1, "`at_most` is no column of caps", "did you mean `most`?"),
        file="seeds/policies/caps.csv",
    ),
    "a lever on something else": change(
        "journey,",
        "customer,",
        Said(
            "levers_bad_scope",
            2,
            "`scope` is none Baton knows: `customer`",
            "use one of `action`, `class`, `conflict_group`, `journey`, or take the row out",
        ),
        file="seeds/policies/levers.csv",
    ),
    "a lever that weighs nothing": change(
        "1.5",
        "0",
        Said(
            "levers_bad_lever",
            2,
            "`lever` is no number in its range: `0`",
            "write a number above 0, such as 1.5",
        ),
        file="seeds/policies/levers.csv",
    ),
    "a weight of a guard that is none": change(
        "high_value",
        "rich",
        Said(
            "context_weights_bad_guard",
            2,
            "`guard` is none Baton knows: `rich`",
            "use one of `high_value`, `open_case`, or take the row out",
        ),
        file="seeds/policies/context_weights.csv",
    ),
    "a weight of an action that is none": change(
        "task_call",
        "task_cal",
        Said(
            "context_weights_bad_action",
            2,
            "`action` is none Baton knows: `task_cal`",
            "did you mean `task_call`?",
        ),
        file="seeds/policies/context_weights.csv",
    ),
    "a limit that is none": change(
        "person_per_day",
        "per_day",
        Said(
            "limits_bad_name",
            2,
            "`name` is none Baton knows: `per_day`",
            "did you mean `person_per_day`?",
        ),
        file="seeds/policies/limits.csv",
    ),
    "a limit that is no number": change(
        ",6",
        ",six",
        Said(
            "limits_bad_most",
            2,
            "`most` is no number in its range: `six`",
            "write a number above 0, such as 1.5",
        ),
        file="seeds/policies/limits.csv",
    ),
    "a promise for a channel without actions": change(
        "email,2.5",
        "emails,2.5",
        Said(
            "latency_promises_bad_channel",
            3,
            "`channel` is none Baton knows: `emails`",
            "did you mean `email`?",
        ),
        file="seeds/policies/latency_promises.csv",
    ),
    "a promise that is no time": change(
        "email,2.5",
        "email,soon",
        Said(
            "latency_promises_bad_p95_s",
            3,
            "`p95_s` is no number in its range: `soon`",
            "write a number above 0, such as 1.5",
        ),
        file="seeds/policies/latency_promises.csv",
    ),
    "a measure of plans that is none": change(
        "repeated,persons",
        "repeatd,persons",
        Said(
            "release_policy_bad_measure",
            2,
            "`measure` is none Baton knows: `repeatd`",
            "did you mean `repeated`?",
        ),
        file="seeds/policies/release_policy.csv",
    ),
    "a limit of plans that is no number": change(
        "0,20,true",
        "0,many,true",
        Said(
            "release_policy_bad_refused_above",
            2,
            "`refused_above` is no number in its range: `many`",
            "write a number from 0 on, or leave it blank for never",
        ),
        file="seeds/policies/release_policy.csv",
    ),
    "a second person who may or may not be": change(
        "0,20,true",
        "0,20,maybe",
        Said(
            "release_policy_bad_second_person",
            2,
            "`second_person` is none Baton knows: `maybe`",
            "use one of `by_name`, `false`, `true`, or take the row out",
        ),
        file="seeds/policies/release_policy.csv",
    ),
}
