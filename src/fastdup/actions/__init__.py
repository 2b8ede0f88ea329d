"""What to do about copies: which one to keep, the plan, doing it, and undoing it."""

from fastdup.actions.keep import DEFAULT_KEEP, KEEP_RULES, Candidate, choose
from fastdup.actions.plan import DEFAULT_THRESHOLD, Plan, Step, make_plan
from fastdup.actions.plan_file import read_plan, write_plan

__all__ = [
    "DEFAULT_KEEP",
    "DEFAULT_THRESHOLD",
    "KEEP_RULES",
    "Candidate",
    "Plan",
    "Step",
    "choose",
    "make_plan",
    "read_plan",
    "write_plan",
]
