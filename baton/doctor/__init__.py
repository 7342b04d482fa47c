"""The questions that buyers ask of journey orchestration, answered from the project's own data."""

from baton.doctor.answers import Answer
from baton.doctor.examine import QUESTIONS, examine
from baton.doctor.show import answer_lines

__all__ = ["QUESTIONS", "Answer", "answer_lines", "examine"]
