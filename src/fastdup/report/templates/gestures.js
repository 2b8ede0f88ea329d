// What fingers, the wheel and the mouse do on the pictures of a dialog: zoom, move, swipe.

const SWIPE = 60;

// `zoom(factor)` and `move(dx, dy)` change how the pictures lie, `isZoomed()` says whether they are
// larger than their place, `toggle()` zooms in or back, `swipe(1 or -1)` leads on or back.
export function listenForGestures(dialog, { zoom, move, isZoomed, toggle, swipe }) {
  const fingers = new Map();
  let start = null;

  const distance = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  const end = (event) => {
    const last = fingers.get(event.pointerId);
    fingers.delete(event.pointerId);
    if (!last || !start || fingers.size) return;
    const [dx, dy] = [last.x - start.x, last.y - start.y];
    start = null;
    if (!isZoomed() && Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) swipe(dx < 0 ? 1 : -1);
  };

  dialog.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".pane")) return;
    const at = { x: event.clientX, y: event.clientY };
    fingers.set(event.pointerId, at);
    start = fingers.size === 1 && event.pointerType !== "mouse" ? at : null;
  });
  dialog.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (!event.buttons) { fingers.delete(event.pointerId); return; }
    const at = { x: event.clientX, y: event.clientY };
    if (fingers.size === 2) {
      const was = distance();
      fingers.set(event.pointerId, at);
      if (was) zoom(distance() / was);
      return;
    }
    fingers.set(event.pointerId, at);
    if (isZoomed()) move(at.x - before.x, at.y - before.y);
  });
  dialog.addEventListener("pointerup", end);
  dialog.addEventListener("pointercancel", (event) => { start = null; end(event); });
  dialog.addEventListener("wheel", (event) => {
    if (!event.target.closest(".pane")) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400));
  }, { passive: false });
  dialog.addEventListener("dblclick", (event) => { if (event.target.closest(".pane")) toggle(); });
}
