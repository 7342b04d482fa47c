"""The journey-card language: read, check and compile the cards of a dbt project."""

from baton.cards.check import CheckedCard, check_card
from baton.cards.checksums import SqlFact, sql_checksum, sql_checksums, sql_facts
from baton.cards.compile import card_hash, compile_card
from baton.cards.model import Card, Step
from baton.cards.policies import Policy
from baton.cards.problems import Found, Problem, render, to_json
from baton.cards.project import CardFile, Project, check_project, read_project
from baton.cards.rows import CompiledCard, Condition, Rule
from baton.cards.schema import json_schema, write_json_schema
from baton.cards.vocabulary import Vocabulary, hand_lists, load_vocabulary

__all__ = [
    "Card",
    "CardFile",
    "CheckedCard",
    "CompiledCard",
    "Condition",
    "Found",
    "Policy",
    "Problem",
    "Project",
    "Rule",
    "SqlFact",
    "Step",
    "Vocabulary",
    "card_hash",
    "check_card",
    "check_project",
    "compile_card",
    "hand_lists",
    "json_schema",
    "load_vocabulary",
    "read_project",
    "render",
    "sql_checksum",
    "sql_checksums",
    "sql_facts",
    "to_json",
    "write_json_schema",
]
