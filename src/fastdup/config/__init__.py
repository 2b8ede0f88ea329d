"""The options of a run, checked whole before the first image is read."""

from fastdup.config.inputs_given import InputDir, plain_inputs
from fastdup.config.options import RunConfig

__all__ = ["InputDir", "RunConfig", "plain_inputs"]
