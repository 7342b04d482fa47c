"""One generated example for the tests of this folder."""

import pytest
from retail_example import Example

from examples.retail.generate import generate


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The example as the demo generates it."""
    out = tmp_path_factory.mktemp("retail")
    return Example(out, generate(out))
