"""How a person sees the results: galleries, each one self-contained HTML file."""

from fastdup.report.stat_metrics import METRICS

__all__ = ["METRICS"]
