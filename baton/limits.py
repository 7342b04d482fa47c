"""Journeys that run away are stopped by a switch, before anything of them is handed over."""

from baton.dbt_runner import DbtProject
from baton.journal import Journal
from baton.prepared import Executes


def stop_runaways(con: Executes, journal: Journal, dbt: DbtProject) -> list[str]:
    """Stop the journeys that have passed a limit; return the names of those newly stopped.

    Their messages are held like those of any stopped journey, until `baton resume`.
    """
    stopped = {switch.value for switch in journal.switches() if switch.scope == "journey"}
    found = con.execute(
        "select journey, limit_name, number, most "
        f"from {dbt.relation('ops_runaway_journeys')} order by journey, limit_name"
    ).fetchall()
    names: list[str] = []
    for journey, limit, number, most in found:
        if journey not in stopped:
            reason = f"{limit}: {number:g} messages, at most {most:g}"
            journal.stop("journey", journey, reason=reason, by="limits")
            stopped.add(journey)
            names.append(journey)
    return names
