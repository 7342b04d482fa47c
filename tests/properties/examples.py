"""How many examples a run tries: always the same few in `make test`, others each night.

A failure prints the history that failed; its seed is all that is needed to see it again.
Shrinking is off: a batch takes seconds, and the differences shown name the plot.
"""

from hypothesis import HealthCheck, Phase, settings

_QUIET = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    print_blob=False,
)
FEW = settings(_QUIET, max_examples=1, derandomize=True)
MANY = settings(_QUIET, max_examples=10, derandomize=True)
LONG = settings(_QUIET, max_examples=2)
