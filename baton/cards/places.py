"""Where in a dbt project the parts of a journey stand."""

from pathlib import Path

CARDS = Path("models/journeys/cards")
SIGNALS = Path("models/journeys/signals")
GUARDS = Path("models/journeys/guards")
PROJECT_FILE = Path("dbt_project.yml")
PACKS = Path("models/staging/packs")
POLICIES = Path("seeds/policies")
KINDS = {"signal": SIGNALS, "guard": GUARDS}
