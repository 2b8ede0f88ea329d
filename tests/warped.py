"""Pictures scaled, turned, shifted and mirrored by known amounts, and the error of a found map."""

import numpy as np
from PIL import Image


def warped(image, scale=1.0, degrees=0.0, shift=(0.0, 0.0), is_mirrored=False):
    """Return the picture, scaled, turned and shifted on a canvas of its size, and the true map.

    The map brings unit coordinates of the result to those of the picture. The corners are grey.
    """
    width, height = image.size
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    linear = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, scale]]) / scale
    if is_mirrored:
        linear = np.diag([-1.0, 1, 1]) @ linear
    centre = np.array([width / 2, height / 2])
    matrix = moved(centre) @ linear @ moved(-centre - shift)
    small = image
    if scale < 1:  # averaged first, as whoever makes a smaller picture does
        small = image.resize((round(width * scale), round(height * scale)), Image.Resampling.BOX)
    shrunk = np.diag([small.width / width, small.height / height, 1]) @ matrix
    drawn = small.transform(
        image.size,
        Image.Transform.AFFINE,
        tuple(shrunk[:2].ravel().tolist()),
        Image.Resampling.BICUBIC,
        fillcolor=(128, 128, 128) if image.mode == "RGB" else 128,
    )
    return drawn, np.diag([1 / width, 1 / height, 1]) @ matrix @ np.diag([width, height, 1])


def seen_from_the_side(image, corners, ground=(128, 128, 128)):
    """Return the picture drawn between four corners of a canvas of its size, and the true map.

    The corners are in unit coordinates, from the upper left one clockwise.
    """
    equations, values = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    true = np.append(np.linalg.solve(np.array(equations, float), np.array(values, float)), 1.0)
    true = true.reshape(3, 3)
    size = np.diag([*image.size, 1])
    matrix = size @ true @ np.linalg.inv(size)
    perspective, bicubic = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    numbers = tuple((matrix / matrix[2, 2]).ravel()[:8].tolist())
    return image.transform(image.size, perspective, numbers, bicubic, fillcolor=ground), true


def moved(by):
    """Return the map that moves by some pixels."""
    return np.array([[1.0, 0, by[0]], [0, 1, by[1]], [0, 0, 1]])


def pixels_off(found, true, size):
    """Return by how many pixels of the first picture a map misses, at most, where both overlap."""
    x, y = np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21))
    points = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    wanted, given = ((matrix @ points)[:2] / (matrix @ points)[2] for matrix in (true, found))
    is_inside = ((wanted >= 0) & (wanted <= 1)).all(0)
    misses = (given - wanted)[:, is_inside] * np.array(size)[:, None]
    return float(np.linalg.norm(misses, axis=0).max())
