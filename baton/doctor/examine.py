"""All questions asked, each answered whatever becomes of the others."""

from contextlib import ExitStack

from baton.dbt_runner import DbtProject
from baton.doctor.answers import MISSING, Answer, Ground, Question, Said
from baton.doctor.conduct import CONDUCT
from baton.doctor.edges import EDGES
from baton.doctor.governed import GOVERNED
from baton.doctor.judgement import JUDGEMENT
from baton.doctor.seven import SEVEN
from baton.errors import BatonError, Busy
from baton.journal import Journal
from baton.project import Project
from baton.warehouse import TablesMissing, reader, tables_of_a_batch

QUESTIONS: tuple[Question, ...] = (*SEVEN, *CONDUCT, *JUDGEMENT, *EDGES, *GOVERNED)


def examine(project: Project, dbt: DbtProject) -> list[Answer]:
    """Return the answers in the order of the questions; nothing is written to the warehouse.

    What is not there yet is `missing`, with the mend. Raises `Busy` when a batch holds the file,
    `UsageError` when the dbt project does not parse.
    """
    with ExitStack() as held:
        try:
            con = held.enter_context(reader(project.warehouse))
        except Busy:
            raise
        except BatonError as error:
            return [_answer(one, Said(MISSING, error.what, error.mend)) for one in QUESTIONS]
        ground = Ground(con, held.enter_context(Journal.open(project.journal)), dbt)
        return [_answer(one, _asked(one, ground)) for one in QUESTIONS]


def _asked(question: Question, ground: Ground) -> Said:
    try:
        with tables_of_a_batch():
            return question.ask(ground)
    except TablesMissing as error:
        return Said(MISSING, error.what, error.mend)


def _answer(question: Question, said: Said) -> Answer:
    return Answer(
        question.number,
        question.text,
        said.state,
        said.answer,
        question.where,
        said.mend or None,
    )
