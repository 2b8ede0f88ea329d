"""Which images are pictures of a screen, by what is known of them without looking at them."""

import re
from collections.abc import Sequence

import numpy as np

from fastdup.arrays import FloatArray, IntArray

#: What phones and desktops call them, in the languages of their makers' largest markets.
_NAMES = re.compile(
    r"screen[ _-]?shot|screen[ _-]?cap|bildschirmfoto|captura de (pantalla|tela|ecrã)"
    r"|capture d.écran|schermata|schermafbeelding|skärmavbild|zrzut ekranu|снимок экрана"
    r"|스크린샷|スクリーンショット|屏幕截图|屏幕快照|截屏|螢幕快照",
    re.IGNORECASE,
)
#: Formats that screens are saved in without loss; cameras write none of them.
_LOSSLESS = (".png", ".bmp", ".webp")
#: Sizes of common screens in pixels, the longer side first: desktops, phones, tablets.
_SCREENS = frozenset(
    {
        *((1024, 768), (1280, 720), (1280, 800), (1280, 1024), (1366, 768), (1440, 900)),
        *((1536, 864), (1600, 900), (1680, 1050), (1920, 1080), (1920, 1200), (2048, 1152)),
        *((2560, 1080), (2560, 1440), (2560, 1600), (2880, 1800), (3024, 1964), (3440, 1440)),
        *((3456, 2234), (3840, 2160), (5120, 2880), (1136, 640), (1334, 750), (1792, 828)),
        *((2208, 1242), (2340, 1080), (2400, 1080), (2436, 1125), (2532, 1170), (2556, 1179)),
        *((2622, 1206), (2688, 1242), (2778, 1284), (2796, 1290), (2868, 1320), (2160, 1080)),
        *((2220, 1080), (2280, 1080), (2960, 1440), (3040, 1440), (3088, 1440), (3120, 1440)),
        *((3200, 1440), (2048, 1536), (2160, 1620), (2224, 1668), (2360, 1640), (2388, 1668)),
        *((2732, 2048), (2800, 1752), (854, 480), (960, 540), (1600, 720), (1612, 720)),
    }
)


def screenshot_signs(
    paths: Sequence[str], cameras: Sequence[str], widths: FloatArray, heights: FloatArray
) -> FloatArray:
    """Return how many signs each of n images has of a screenshot, 0 to 3; 0 if a camera took it.

    The name counts for two; the size of a common screen for one; for another one, if the size is
    that of a screen, a format without loss, which no camera writes.

    Parameters
    ----------
    paths : sequence of n str
    cameras : sequence of n str
        "" where it is not known; empty: of none.
    widths, heights : (n,) float64 arrays
        In pixels.
    """
    named = np.fromiter((bool(_NAMES.search(_file_name(path))) for path in paths), bool, len(paths))
    sides = np.maximum(widths, heights), np.minimum(widths, heights)
    of_screen = np.isin(_keys(*sides), _keys(*np.array(list(_SCREENS), np.float64).T))
    signs = np.minimum(2.0 * named + of_screen, 3.0)
    for row in np.flatnonzero(of_screen & ~named).tolist():
        signs[row] += paths[row].lower().endswith(_LOSSLESS)
    if cameras:
        signs[np.fromiter(map(bool, cameras), bool, len(cameras))] = 0.0
    return signs


def _keys(longer: FloatArray, shorter: FloatArray) -> IntArray:
    """Return a number for each size."""
    keys: IntArray = longer.astype(np.int64) * 2**31 + shorter.astype(np.int64)
    return keys


def _file_name(path: str) -> str:
    return path[max(path.rfind("/"), path.rfind("\\")) + 1 :]
