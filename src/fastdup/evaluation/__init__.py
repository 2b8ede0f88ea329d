"""How well copies are found: plants them among any pictures, and scores a run against a truth."""

from fastdup.evaluation.evaluation_report import Evaluation, KindScore
from fastdup.evaluation.measuring import evaluate

__all__ = ["Evaluation", "KindScore", "evaluate"]
