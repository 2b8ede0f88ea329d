"""Advice on the threshold: what the judged pairs of a run say of every one."""

from fastdup.advice.advice_report import Advice, ThresholdRow
from fastdup.advice.advising import advise

__all__ = ["Advice", "ThresholdRow", "advise"]
