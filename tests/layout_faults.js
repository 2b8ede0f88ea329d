() => {
  // Finds what reaches beyond the window, text that is cut off, and controls that lie on each other.
  const faults = [], wide = document.documentElement.clientWidth;
  const seen = (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && style.opacity !== "0"
      && element.checkVisibility({ contentVisibilityAuto: true });
  };
  // What floats above the page may cover it, and what scrolls sideways by itself may be longer.
  const within = (element, is) => {
    for (let one = element; one; one = one.parentElement) if (is(getComputedStyle(one))) return one;
    return null;
  };
  const floats = (element) => within(element, (style) => ["fixed", "sticky"].includes(style.position));
  const scrolls = (element) => within(element, (style) => ["auto", "scroll"].includes(style.overflowX));
  const words = (element) => (element.getAttribute("aria-label") || element.innerText || element.tagName).trim().slice(0, 40);
  if (document.documentElement.scrollWidth > wide) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} of ${wide}`);
  for (const element of document.querySelectorAll("body *")) {
    if (!seen(element) || element.closest("svg, [aria-hidden=true], .visually-hidden")) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(element.parentElement)) faults.push(`reaches beyond the window: ${words(element)}`);
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const isCut = style.overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1;
    if (hasText && isCut && !element.title && !element.closest("[title]")) faults.push(`cut off: ${words(element)}`);
  }
  const controls = [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((one) => seen(one) && !floats(one) && !one.closest("svg"));
  for (const [number, one] of controls.entries()) {
    const a = one.getBoundingClientRect();
    for (const other of controls.slice(number + 1, number + 30)) {
      if (one.contains(other) || other.contains(one)) continue;
      const b = other.getBoundingClientRect();
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 2) faults.push(`lie on each other: ${words(one)}, ${words(other)}`);
    }
  }
  return [...new Set(faults)];
}
