// Shared by the elements: this file stands before each of their scripts.
//
// What elements show is a function of the address. What narrows it changes the address, asks a route for the elements'
// new contents, draws them, and lets Streamlit follow: its run brings the same bytes, and the rest of the page.

const page = (window.townshipElements ??= begun());

// The ``turn`` counts what was asked for: contents of an earlier one are not drawn. ``draw`` by key; ``route``: the page's
// name there, if it has one.
function begun() {
  const made = { turn: 0, draw: new Map(), route: null };
  window.addEventListener("popstate", () => { made.turn += 1; });
  return made;
}

// What an element has to draw.
const parsed = (data) => JSON.parse(new TextDecoder().decode(data));

// Every content begins with its element's key.
const keyOf = (data) => /^\{"key":"([^"]*)"/.exec(new TextDecoder().decode(data.subarray(0, 120)))?.[1];

// Whether these are the bytes that were drawn last in this place.
const drawn = new WeakMap();
function isDrawn(place, data) {
  const before = drawn.get(place);
  drawn.set(place, data);
  return before?.length === data.length && before.every((byte, index) => byte === data[index]);
}

// Draw what Streamlit brought, and from now on what the route does. Returns what ends that.
function showing(data, draw) {
  const key = keyOf(data);
  page.draw.set(key, draw);
  draw(data);
  return () => page.draw.get(key) === draw && page.draw.delete(key);
}

const folder = () => window.location.pathname.replace(/[^/]*$/, "");

// Streamlit follows an address that it is told has come from the history.
const arrive = () => window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));

// Follow an address as a step forward: one entry in the history, which "back" takes back, and no loss of the session.
function follow(href) {
  window.history.pushState({}, "", href);
  arrive();
}

// Longer than this a viewer does not wait for what Streamlit could show meanwhile.
const PATIENCE = 300;

// Ask for other values of parameters (name: values, none for the default).
async function ask(changes) {
  const turn = (page.turn += 1);
  const asked = new URLSearchParams(window.location.search);
  for (const [name, values] of Object.entries(changes)) {
    asked.delete(name);
    for (const value of values) asked.append(name, value);
  }
  window.history.pushState({}, "", `${window.location.pathname}${asked.size ? "?" : ""}${asked}`);
  if (page.route) await Promise.race([drawAhead(asked, turn), new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
  // Of several clicks one after the other the last has all in its address.
  if (turn === page.turn) arrive();
}

async function drawAhead(asked, turn) {
  try {
    const answer = await fetch(`${folder()}contents/${page.route}?${asked}`, { cache: "no-store" });
    if (!answer.ok) return;
    const contents = new Uint8Array(await answer.arrayBuffer());
    // A line each
    for (let start = 0, end; start < contents.length; start = end + 1) {
      end = contents.indexOf(10, start);
      if (turn !== page.turn) return;
      const content = contents.subarray(start, end);
      await page.draw.get(keyOf(content))?.(content);
    }
  } catch { /* Streamlit says why, or shows it. */ }
}
