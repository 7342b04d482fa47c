"""Mistakes: source packs that are switched on."""

from mistakes.table import Mistakes, Said, change

SETTINGS = "dbt_project.yml"

PACK_MISTAKES: Mistakes = {
    "a misspelt pack": change(
        "[segment]",
        "[segment, zendsk]",
        Said(
            "unknown_pack",
            4,
            "no source pack is called `zendsk`",
            "did you mean `zendesk`?",
        ),
        file=SETTINGS,
    ),
    "a pack without a list": change(
        "[segment]",
        "segment",
        Said(
            "packs_no_list",
            4,
            "`packs` is not a list",
            "write a list of names, such as packs: [segment, hubspot]",
        ),
        file=SETTINGS,
    ),
}
