"""What a batch builds again when the project's text has changed."""

from types import SimpleNamespace

import pytest
from dbt.contracts.graph.nodes import ModelNode

from baton.rebuilding import concerned, parts_of


@pytest.fixture
def project():
    """A manifest of `raw <- staged <- joined`, of which `staged` has a contract."""
    return _manifest(raw=[], staged=["raw"], joined=["staged"])


def test_a_change_behind_a_contract_concerns_that_model_alone(project):
    before = {**parts_of(project), "staged": "other"}
    assert concerned(parts_of(project), project, before) == ["staged"]


def test_a_model_that_reads_others_now_is_concerned_though_its_text_is_the_same(project):
    less = _manifest(raw=[], staged=["raw"], joined=[])
    assert concerned(parts_of(less), less, parts_of(project)) == ["joined"]


def test_where_a_model_is_gone_any_may_be_concerned(project):
    less = _manifest(raw=[], staged=["raw"])
    assert concerned(parts_of(less), less, parts_of(project)) is None


def test_other_variables_may_concern_any(project):
    now, before = (parts_of(project, variables=one) for one in ("now", "before"))
    assert concerned(now, project, now) == []
    assert concerned(now, project, before) is None
    assert concerned(now, project, parts_of(project)) is None


def _manifest(**reads):
    models = {f"model.{name}": _model(name, of) for name, of in reads.items()}
    return SimpleNamespace(nodes=models, macros={})


def _model(name, reads):
    model = ModelNode.__new__(ModelNode)
    model.name, model.unique_id = name, f"model.{name}"
    model.checksum = SimpleNamespace(checksum="text")
    model.config = SimpleNamespace(to_dict=dict)
    model.contract = SimpleNamespace(checksum="c", enforced=name == "staged")
    model.depends_on = SimpleNamespace(nodes=[f"model.{one}" for one in reads])
    return model
