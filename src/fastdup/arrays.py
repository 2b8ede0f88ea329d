"""Short names for the types of NumPy arrays; shapes stand in the docstrings of what takes them."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
