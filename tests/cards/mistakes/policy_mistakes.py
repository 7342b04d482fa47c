"""Mistakes: policies."""

from mistakes.table import Mistakes, Said, change

DURATION_MEND = 'write a whole number and a unit, such as "30 minutes", "2 hours" or "7 days"'
NAME_MEND = "use small letters, digits and `_`, starting with a letter"
CHAIN_MEND = "let the last action of the chain have no fallback"
ACTIONS = "seeds/policies/actions.csv"
CHANNELS = "seeds/policies/channels.csv"
HANDOFFS = "seeds/policies/handoffs.csv"

POLICY_MISTAKES: Mistakes = {
    "a column of another name": change(
        ",conflict_group,",
        ",group,",
        Said(
            "action_missing_column",
            1,
            "the column `conflict_group` is missing",
            "add the column; the columns are action,outcome,channel,destination,"
            "class,template,value,ttl,conflict_group,priority,fallback,owner",
        ),
        Said(
            "action_unknown_column",
            1,
            "`group` is no column of actions",
            "use one of `action`, `channel`, `class`, `conflict_group`, "
            "`destination`, `fallback`, `outcome`, `owner`, `priority`, `template`, "
            "`ttl`, `value`, or take the column out",
        ),
        file=ACTIONS,
    ),
    "a column given twice": change(
        ",value,",
        ",ttl,",
        Said(
            "action_missing_column",
            1,
            "the column `value` is missing",
            "add the column; the columns are action,outcome,channel,destination,"
            "class,template,value,ttl,conflict_group,priority,fallback,owner",
        ),
        Said(
            "policy_header",
            1,
            "the header is empty or repeats a column",
            "name every column once in the first line",
        ),
        file=ACTIONS,
    ),
    "an action that is no name": change(
        "task_call,",
        "Task,",
        Said("action_bad_action", 4, "`action` is not a name: `Task`", NAME_MEND),
        file=ACTIONS,
    ),
    "an action called fallback": change(
        "task_call,",
        "fallback,",
        Said(
            "action_reserved_name",
            4,
            "no action may be called `fallback`",
            "name it otherwise: `do: fallback` means the failed message's fallback",
        ),
        file=ACTIONS,
    ),
    "an action given twice": change(
        "task_call,route",
        "email_reminder,route",
        Said(
            "policy_key_twice",
            4,
            "`email_reminder` is given twice",
            "keep one; the first stands on line 2",
        ),
        file=ACTIONS,
    ),
    "an outcome that is none": change(
        "route,",
        "rout,",
        Said("action_bad_outcome", 4, "`rout` is no outcome Baton knows", "did you mean `route`?"),
        file=ACTIONS,
    ),
    "a class that is none": change(
        "crm_tasks,sales",
        "crm_tasks,sale",
        Said("action_bad_class", 4, "`sale` is no class Baton knows", "did you mean `sales`?"),
        file=ACTIONS,
    ),
    "a channel that is none": change(
        "send,sms,",
        "send,pigeon,",
        Said(
            "action_bad_channel",
            3,
            "`pigeon` is no channel Baton knows",
            "use one of `crm_task`, `email`, `sms`, or write a known channel (line 3)",
        ),
        file=ACTIONS,
    ),
    "an owner that is no group": change(
        "40,,sales",
        "40,,sale",
        Said("action_bad_owner", 3, "`sale` is no owner Baton knows", "did you mean `sales`?"),
        file=ACTIONS,
    ),
    "a time to live that is none": change(
        "2 days",
        "two days",
        Said("action_bad_ttl", 4, "`ttl` is not a duration: `two days`", DURATION_MEND),
        file=ACTIONS,
    ),
    "a time to live of nothing": change(
        "2 days",
        "0 days",
        Said("action_bad_ttl", 4, "`ttl` must be longer than nothing: `0 days`", DURATION_MEND),
        file=ACTIONS,
    ),
    "a conflict group that is no name": change(
        "12 hours,sales,40",
        "12 hours,Sales desk,40",
        Said(
            "action_bad_conflict_group",
            3,
            "`conflict_group` is not a name: `Sales desk`",
            NAME_MEND,
        ),
        file=ACTIONS,
    ),
    "a value that is no number": change(
        "25.5",
        "much",
        Said("action_bad_value", 4, "`value` is no number: `much`", "write digits, such as `10`"),
        file=ACTIONS,
    ),
    "a priority that is no whole number": change(
        ",60,",
        ",6.5,",
        Said(
            "action_bad_priority", 4, "`priority` is no number: `6.5`", "write digits, such as `10`"
        ),
        file=ACTIONS,
    ),
    "a destination that is none": change(
        "crm_tasks,",
        ",",
        Said("action_bad_destination", 4, "`destination` is not a name: ``", NAME_MEND),
        file=ACTIONS,
    ),
    "a fallback that is none": change(
        "sms_reminder,sales",
        "sms_remindr,sales",
        Said(
            "action_bad_fallback",
            2,
            "`sms_remindr` is no fallback Baton knows",
            "did you mean `sms_reminder`?",
        ),
        file=ACTIONS,
    ),
    "a fallback to itself": change(
        "40,,sales",
        "40,sms_reminder,sales",
        Said(
            "action_fallback_circle",
            3,
            "the fallbacks of `sms_reminder` lead back to it",
            CHAIN_MEND,
        ),
        file=ACTIONS,
    ),
    "fallbacks in a circle": change(
        "40,,sales",
        "40,email_reminder,sales",
        Said(
            "action_fallback_circle",
            2,
            "the fallbacks of `email_reminder` lead back to it",
            CHAIN_MEND,
        ),
        Said(
            "action_fallback_circle",
            3,
            "the fallbacks of `sms_reminder` lead back to it",
            CHAIN_MEND,
        ),
        file=ACTIONS,
    ),
    "a row too short": change(
        "60,,sales",
        "60,sales",
        Said(
            "policy_row_length",
            4,
            "the row has 11 cells for 12 columns",
            "give every column a cell; quote cells that hold a comma",
        ),
        file=ACTIONS,
    ),
    "a channel given twice": change(
        "crm_task,",
        "crm_task,\nsms,phone",
        Said("policy_key_twice", 5, "`sms` is given twice", "keep one; the first stands on line 3"),
        file=CHANNELS,
    ),
    "a CSV that does not end its quotes": change(
        "crm_task,",
        '"crm_task,',
        Said(
            "policy_not_csv",
            1,
            "cannot be read as CSV: unexpected end of data",
            "save it as UTF-8 CSV with `,` and double quotes",
        ),
        file=CHANNELS,
    ),
    "a hand-over by an action that is none": change(
        "task_call,",
        "task_cal,",
        Said(
            "handoff_bad_action", 2, "no action is called `task_cal`", "did you mean `task_call`?"
        ),
        file=HANDOFFS,
    ),
    "a hand-over by an action that sends": change(
        "task_call,",
        "sms_reminder,",
        Said(
            "handoff_not_handed",
            2,
            "`sms_reminder` hands nothing over",
            "take the row out, or let the action route or escalate",
        ),
        file=HANDOFFS,
    ),
    "a hand-over given twice": change(
        "case_opened\n",
        "case_opened\ntask_call,bot_to_agent,\n",
        Said(
            "policy_key_twice",
            3,
            "`task_call` is given twice",
            "keep one; the first stands on line 2",
        ),
        file=HANDOFFS,
    ),
    "a kind of hand-over that is none": change(
        "digital_to_voice",
        "digital_to_phone",
        Said(
            "handoff_bad_kind",
            2,
            "`digital_to_phone` is no kind of hand-over",
            "did you mean `digital_to_voice`?",
        ),
        file=HANDOFFS,
    ),
    "a hand-over accepted by a signal that is none": change(
        "case_opened",
        "case_opend",
        Said(
            "handoff_bad_signal",
            2,
            "no signal is called `case_opend`",
            "did you mean `case_opened`?",
        ),
        file=HANDOFFS,
    ),
    "hand-overs with a column of another name": change(
        "accepted_by",
        "taken_by",
        Said(
            "handoff_columns",
            1,
            "these are not the columns of handoffs",
            "the columns are action,kind,accepted_by",
        ),
        file=HANDOFFS,
    ),
}
