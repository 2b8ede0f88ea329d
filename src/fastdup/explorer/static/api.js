// Calls to the server that served this page, relative to its address.
import { plain } from "./elements.js";

const failure = document.getElementById("failure");
let hiding;

// Shows a failure, in the server's words.
export function showFailure(message) {
  failure.textContent = message;
  failure.hidden = false;
  // Above a dialog, too, that was opened meanwhile.
  failure.togglePopover?.(false);
  failure.togglePopover?.(true);
  clearTimeout(hiding);
  hiding = setTimeout(() => { failure.hidden = true; failure.togglePopover?.(false); }, 10_000);
}

async function answer(response) {
  if (response.ok) return response;
  const type = response.headers.get("content-type") || "";
  const words = type.startsWith("application/json") ? plain((await response.json()).error) : await response.text();
  throw new Error(words || `the server answered ${response.status}`);
}

async function ask(path, options, quiet = false) {
  try {
    return await answer(await fetch(path, options));
  } catch (error) {
    if (error.name !== "AbortError" && !quiet) {
      showFailure(error instanceof TypeError ? "The explorer does not answer. Was it stopped?" : error.message);
    }
    error.isKnown = true;
    throw error;
  }
}
// What was shown, or broken off on purpose, is no error of the page as well.
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason && event.reason.isKnown) event.preventDefault();
});

const address = (name, params) => `api/${name}?${new URLSearchParams(params)}`;

export const get = async (name, params = {}, signal) =>
  (await ask(address(name, params), { signal })).json();

export const getBytes = async (name, params = {}) =>
  (await ask(address(name, params))).arrayBuffer();

const asBody = (value) => ({ method: "POST", body: value instanceof Blob ? value : JSON.stringify(value) });

// Changes reach the server one after the other, in the order in which they were made.
let lastChange = Promise.resolve();
export function postInTurn(name, value) {
  const mine = lastChange.then(() => post(name, value));
  lastChange = mine.catch(() => {});
  return mine;
}

// `quiet`: a failure is not shown, for the caller shows it.
export const post = async (name, value, { quiet = false } = {}) =>
  (await ask(`api/${name}`, asBody(value), quiet)).json();

export const postBytes = async (name, value) => (await ask(`api/${name}`, asBody(value))).arrayBuffer();

export const pictureAddress = (row, side) => `image/${row}?side=${side}`;

// Does a few things at a time, the newest first: what is in view now matters most.
export function queue(atOnce) {
  const waiting = [];
  let running = 0;
  const next = () => {
    while (running < atOnce && waiting.length) {
      running++;
      waiting.pop()().catch(() => {}).finally(() => { running--; next(); });
    }
  };
  return (act) => { waiting.push(act); next(); };
}
