// Shared by the elements: this file stands before each of their scripts.
//
// What elements show is a function of the address. What narrows it changes the address, asks a route for the elements'
// new contents, draws them, and lets Streamlit follow: its run brings the same bytes, and the rest of the page.

const page = (window.townshipElements ??= begun());

// The ``turn`` counts what was asked for: contents of an earlier one are not drawn, nor those of one in which Streamlit has
// ``brought`` some. ``draw`` by key; ``route``: the page's name there, if it has one; ``ahead``: what was got last. ``lists``: of those that
// stand on paper with their first rows, by place, what gets all of them and what puts the first back.
function begun() {
  const made = { turn: 0, brought: 0, draw: new Map(), route: null, ahead: undefined, lists: new Map() };
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
  page.brought = page.turn;
  draw(data);
  return () => page.draw.get(key) === draw && page.draw.delete(key);
}

const folder = () => window.location.pathname.replace(/[^/]*$/, "");

// Streamlit follows an address that it is told has come from the history. What is on its way from the route still holds.
function arrive() {
  const { turn } = page;
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  page.turn = turn;
}

// Where there is room for the sidebar or for the page, what was chosen is looked at: as wide as Streamlit lets it lie over the page.
const NARROW = window.matchMedia("(max-width: 768px)");
function showPage() {
  if (!NARROW.matches) return;
  const sidebar = document.querySelector("[data-testid=stSidebar]:not([data-collapsed=true])");
  if (!sidebar) return;
  sidebar.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  document.getElementById("stMain")?.focus({ preventScroll: true });
}

// Follow an address as a step forward: one entry in the history, which "back" takes back, and no loss of the session.
function follow(href) {
  showPage();
  page.turn += 1;
  window.history.pushState({}, "", href);
  arrive();
}

// Longer than this a viewer does not wait for what Streamlit could show meanwhile.
const PATIENCE = 300;
// So long a pointer rests on what it is about to press, and so long an answer got before that holds; milliseconds.
const REST = 40, FRESH = 5_000;

// The parameters that are asked for by changes (name: values, none for the default).
function changed(changes) {
  const asked = new URLSearchParams(window.location.search);
  for (const [name, values] of Object.entries(changes)) {
    asked.delete(name);
    for (const value of values) asked.append(name, value);
  }
  return asked;
}

// The elements' contents at an address, a line each; undefined where the route has none. Of the address that was asked for
// last they are there already, or on their way.
function contents(asked) {
  const url = `${folder()}contents/${page.route}?${asked}`;
  if (page.ahead?.url !== url || performance.now() - page.ahead.begun > FRESH) {
    const answer = fetch(url, { cache: "no-store" })
      .then(async (got) => (got.ok ? new Uint8Array(await got.arrayBuffer()) : undefined))
      // Streamlit says why, or shows it.
      .catch(() => undefined);
    page.ahead = { url, answer, begun: performance.now() };
  }
  return page.ahead.answer;
}

// Ask for other values of parameters.
async function ask(changes) {
  leave();
  showPage();
  const turn = (page.turn += 1);
  const asked = changed(changes);
  const answer = page.route && contents(asked);
  page.ahead = undefined;
  window.history.pushState({}, "", `${window.location.pathname}${asked.size ? "?" : ""}${asked}`);
  if (answer) await Promise.race([drawAhead(answer, turn), new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
  // Of several clicks one after the other the last has all in its address.
  if (turn === page.turn) arrive();
}

// A pointer that rests will press: what that asks for is got before it does.
function rest(changes) {
  leave();
  if (page.route && changes) page.resting = setTimeout(() => contents(changed(changes)), REST);
}

function leave() {
  clearTimeout(page.resting);
}

// A click asks for it.
function asks(node, changes) {
  node.addEventListener("click", () => ask(changes));
  node.addEventListener("pointerenter", () => rest(changes));
  node.addEventListener("pointerleave", leave);
  node.addEventListener("pointerdown", () => page.route && contents(changed(changes)));
}

async function drawAhead(answer, turn) {
  const lines = await answer;
  if (!lines) return;
  for (let start = 0, end; start < lines.length; start = end + 1) {
    end = lines.indexOf(10, start);
    if (turn !== page.turn || turn === page.brought) return;
    const content = lines.subarray(start, end);
    await page.draw.get(keyOf(content))?.(content);
  }
}
