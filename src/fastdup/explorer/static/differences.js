// Pictures by their addresses, and what differs between two of them: asked for once.
import { get } from "./api.js";

export const SMALL = 320, LARGE = 1600;

// Fills in how large the picture of an image is, within `side`.
export function sized(image, side) {
  if (!image.w) return { ...image, tw: side, th: side };
  const scale = Math.min(1, side / Math.max(image.w, image.h));
  return { ...image, tw: Math.max(1, Math.round(image.w * scale)), th: Math.max(1, Math.round(image.h * scale)) };
}

function remembered(ask) {
  const known = new Map();
  return (first, second) => {
    const key = `${first}-${second}`;
    if (!known.has(key)) {
      if (known.size > 5_000) known.clear();
      known.set(key, ask(first, second).catch((error) => { known.delete(key); throw error; }));
    }
    return known.get(key);
  };
}

export const difference = remembered((first, second) => get("difference", { first, second }));
export const comparison = remembered((first, second) => get("compare", { first, second }));
