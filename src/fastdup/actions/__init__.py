"""What to do about copies: which one to keep, the plan, doing it, and undoing it."""

from fastdup.actions.clean import ACTIONS, CleanReport, clean
from fastdup.actions.export import FORMATS, export
from fastdup.actions.keep import DEFAULT_KEEP, KEEP_RULES, Candidate, choose
from fastdup.actions.leaks import LeakReport, find_leaks
from fastdup.actions.plan import DEFAULT_THRESHOLD, Plan, Step, make_plan
from fastdup.actions.plan_file import read_plan, write_plan
from fastdup.actions.undo import UndoReport, undo

__all__ = [
    "ACTIONS",
    "DEFAULT_KEEP",
    "DEFAULT_THRESHOLD",
    "FORMATS",
    "KEEP_RULES",
    "Candidate",
    "CleanReport",
    "LeakReport",
    "Plan",
    "Step",
    "UndoReport",
    "choose",
    "clean",
    "export",
    "find_leaks",
    "make_plan",
    "read_plan",
    "undo",
    "write_plan",
]
