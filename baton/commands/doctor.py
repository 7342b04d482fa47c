"""`baton doctor`."""

import sys
from collections import Counter
from dataclasses import asdict

import click

from baton.commands.output import console, json_option, print_json
from baton.dbt_runner import DbtProject
from baton.doctor import answer_lines, examine
from baton.errors import CheckFailed
from baton.project import Project


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Answer the questions buyers ask, from data: how it stands, where to look, what to mend.

    Each answer is ok, attention or missing. Ends with 1 when any is not ok. Writes nothing.
    """
    project = Project.find()
    answers = examine(project, DbtProject(project))
    if as_json:
        print_json({"states": Counter(one.state for one in answers),
                    "answers": [asdict(one) for one in answers]})  # fmt: skip
    else:
        for line in answer_lines(answers, console.width):
            console.print(line, markup=False, soft_wrap=True)
    if any(one.state != "ok" for one in answers):
        sys.exit(CheckFailed.exit_code)
