// Maps of one picture's plane to another's: 3 × 3 matrices as nine numbers, row by row, from unit
// coordinates to unit coordinates. The last row says how near each point is: a map may be projective.

export const SAME = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function mapped([a, b, c, d, e, f, g, h, i], [x, y]) {
  const depth = g * x + h * y + i;
  return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
}

export function inverse([a, b, c, d, e, f, g, h, i]) {
  // The adjugate: a projective map may have any scale.
  return [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f,
    d * h - e * g, b * g - a * h, a * e - b * d];
}

const PIECES = 24;
const OVER = 0.02;

// Draws an image where a map brings it, on a canvas whose unit is `width` × `height` pixels, from
// (left, top) on. Where parallels meet it is drawn in pieces, each of which keeps them.
export function drawMapped(pen, image, map, { width, height, left, top }) {
  const n = map[6] || map[7] ? PIECES : 1;
  const wide = image.naturalWidth / n, high = image.naturalHeight / n;
  const place = (u, v) => {
    const [x, y] = mapped(map, [u, v]);
    return [(x - left) * width, (y - top) * height];
  };
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const start = place(column / n, row / n);
      const [across, down] = [place((column + 1) / n, row / n), place(column / n, (row + 1) / n)];
      pen.setTransform(across[0] - start[0], across[1] - start[1], down[0] - start[0],
        down[1] - start[1], start[0], start[1]);
      const over = n > 1 ? OVER : 0;  // so that no gap is seen between pieces
      pen.drawImage(image, column * wide, row * high, wide, high, 0, 0, 1 + over, 1 + over);
    }
  }
  pen.setTransform(1, 0, 0, 1, 0, 0);
}
