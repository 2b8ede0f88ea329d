"""The networks that turn images into features: the built-in one, or any ONNX image model.

The built-in model is ``builtin.onnx``, its card ``builtin.json``.
"""

from fastdup.models.calibration import Calibration
from fastdup.models.spec import ModelSpec, find_calibration, is_builtin, load_spec

__all__ = ["Calibration", "ModelSpec", "find_calibration", "is_builtin", "load_spec"]
