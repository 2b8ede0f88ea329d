"""How light a colour is, by its red, green and blue: the weights of ITU-R BT.601, as in JPEG."""

import numpy as np

LUMA = np.array([0.299, 0.587, 0.114])
#: The same for pixels in 32 bits, so that products stay in them.
LUMA_32 = LUMA.astype(np.float32)
