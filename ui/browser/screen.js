// The meeting-room screen: rotates through its views, keeps them up to date, and never shows less than it had.

const RESUME_MS = 60_000;
const RETRY_MS = 5_000;
const PATIENCE_MS = 15_000;
const TICK_MS = 1_000;
const SVG = "http://www.w3.org/2000/svg";

const main = document.querySelector("main");
const address = "screen/content" + window.location.search;
let shown = null; // the last content
let before = new Map(); // figures of the content before it, by frame and card
let index = 0;
let turns = 0; // views shown one after another since the page was opened
let turn; // the timer of the next view
let resume; // the timer that ends a pause
let asked; // the view that answers what somebody asked, shown in place of the others
let answered; // the timer that ends that
let question; // the timer of the next refresh
let asking = false;
let warning = "";

function make(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text != null) made.textContent = text;
  return made;
}

function mark(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text != null) made.textContent = text;
  return made;
}

// --- Drawing ---

function heading({ title, unit, period, unfinishedText, anchor, targetText }, words) {
  const made = make("h2", "", title);
  // The space stays behind where what follows begins a line.
  const add = (className, words) => words && made.append("\u2003", make("span", className, words));
  add("aside", unit && words.unit + unit);
  add("aside", period);
  add("unfinished", unfinishedText);
  add(`upright ${anchor?.target ? "target" : "aside"}`, anchor?.text);
  add("target", targetText);
  return made;
}

// How wide words are, in em: a Chinese character is as wide as it is high, digits and letters are about half as wide.
function breadth(words) {
  return [...words].reduce((sum, character) => sum + (character < "\u2e80" ? 0.6 : 1), 0);
}

function bars(chart, words) {
  const { rows, kind, anchor } = chart;
  const made = make("section", `chart ${kind}`);
  const list = make("div", "rows");
  // As wide as the longest name, and never so wide that nothing is left to draw in; figures are never cut.
  const widest = (words) => Math.max(...rows.map((row) => breadth(row[words] ?? "")));
  list.style.setProperty("--names", `min(${widest("name") + 0.5}em, 36%)`);
  list.style.setProperty("--amount", `${Math.max(widest("text"), 4)}em`);
  for (const { gap, name, place, text, start, share, dot, missed, chosen } of rows) {
    const row = make("div", `row${chosen ? " chosen" : ""}${gap ? " gap" : ""}`, gap ? "⋯" : null);
    if (!gap) {
      if (kind === "ranking") row.append(make("span", "place", place ?? ""));
      const track = make("span", `track${anchor ? " tied" : ""}`);
      const bar = make("i", `bar${missed ? " missed" : ""}`);
      bar.style.width = `${100 * (share ?? 0)}%`;
      bar.style.marginLeft = `${100 * (start ?? 0)}%`;
      track.append(bar);
      if (anchor) {
        const line = make("i", "anchor");
        line.style.left = `${100 * anchor.at}%`;
        track.prepend(line);
      }
      if (dot != null) {
        const point = make("i", `dot${missed ? " missed" : ""}`);
        point.style.left = `${100 * dot}%`;
        track.append(point);
      }
      const called = make("span", "name", name);
      called.title = name;
      row.append(called, track, make("span", "amount", text));
    }
    list.append(row);
  }
  made.append(heading(chart, words), list);
  return made;
}

function trend(chart, words) {
  const made = make("section", "chart trend");
  const place = make("div", "drawing");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", [chart.title, chart.period, chart.unfinishedText, chart.notesTold].filter(Boolean).join(" · "));
  place.setAttribute("aria-description", chart.labels.map((label, at) => `${label} ${chart.texts[at] ?? "—"}`).join("; "));
  made.append(heading(chart, words), place);
  // Drawn once it is laid out: the text in it keeps its size whatever the drawing's.
  made.draw = () => drawTrend(place, chart);
  return made;
}

function map(chart, words) {
  const made = make("section", "chart map");
  const place = make("div", "drawing");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", chart.title);
  made.append(heading(chart, words), place);
  if (chart.legend) made.append(make("p", "legend", chart.legend));
  made.draw = () => drawMap(place, chart);
  return made;
}

let hatches = 0;

function drawMap(place, { size: [across, up], areas }) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const { clientWidth: width, clientHeight: height } = place;
  const scale = Math.min((width - rem) / across, (height - rem) / up);
  if (!(scale > 0)) return;
  const x = (at) => (width - across * scale) / 2 + at * scale;
  const y = (at) => (height + up * scale) / 2 - at * scale;
  const svg = mark("svg", { viewBox: `0 0 ${width} ${height}`, style: `font-size: ${rem}px` });
  // Of its own: what is not seen lends no pattern to others.
  const id = `hatch${(hatches += 1)}`;
  const hatch = mark("pattern", { id, width: 0.5 * rem, height: 0.5 * rem, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  hatch.append(mark("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 0.5 * rem }));
  svg.append(hatch);
  const words = [];
  // The chosen one last, so that its frame is whole.
  for (const { rings, fill, hatched, chosen, ink, at, lines } of [...areas].sort((one, other) => one.chosen - other.chosen)) {
    const d = rings.map((ring) => `M${ring.map((point) => `${x(point[0]).toFixed(1)},${y(point[1]).toFixed(1)}`).join("L")}Z`).join("");
    const area = mark("path", { class: `area${chosen ? " chosen" : ""}`, d });
    area.style.fill = fill ?? (hatched ? `url(#${id})` : "");
    svg.append(area);
    const middle = ((lines?.length ?? 0) - 1) / 2;
    lines?.forEach((line, row) => {
      const word = mark("text", { class: "inside", x: x(at[0]), y: y(at[1]) + (1.2 * (row - middle) + 0.35) * rem, "text-anchor": "middle" }, line);
      word.style.fill = ink ?? "";
      words.push(word);
    });
  }
  svg.append(...words);
  place.replaceChildren(svg);
}

function drawTrend(place, { labels, values, texts, targets, scale: [low, high], axis, unfinished = [], notes = [], spans = [] }) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = place.clientWidth;
  const height = place.clientHeight;
  const known = values.map((value, at) => [value, at]).filter(([value]) => value !== null);
  if (!known.length || height < 4 * rem) return;
  // Above the plot, rows of the words of notes, the lowest one with the marks of those without.
  const rows = notes.length ? 1 + Math.max(...notes.map(({ row }) => row ?? 0)) : 0;
  const top = (2.2 + 1.4 * rows) * rem;
  const bottom = height - 3.1 * rem;
  // Room for the words of the axis, of which digits are half as wide as high.
  const left = 0.8 * rem + Math.max(0, ...axis.map(([, words]) => words.length)) * 0.6 * rem;
  const x = (at) => left + 2.2 * rem + (at / Math.max(1, values.length - 1)) * (width - left - 4.4 * rem);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
  // Its letters and lines are as large as they were laid out, also where it is scaled to paper.
  const svg = mark("svg", { viewBox: `0 0 ${width} ${height}`, style: `font-size: ${rem}px` });
  // Where they are close, every other one: the rounder ones.
  const step = axis.length > 1 && (bottom - top) / axis.length < 1.5 * rem ? 2 * (axis[1][0] - axis[0][0]) : null;
  const isRound = (value) => !step || Math.abs(value / step - Math.round(value / step)) < 1e-6;
  for (const [value, words] of axis.filter(([value]) => isRound(value))) {
    svg.append(
      mark("line", { class: "grid", x1: left, x2: width, y1: y(value), y2: y(value) }),
      mark("text", { class: "tick", x: left - 0.5 * rem, y: y(value) + 0.35 * rem, "text-anchor": "end" }, words),
    );
  }
  // Dated notes: spans as bands, and each a thin mark whose words end at the edge that is nearer.
  const within = (at) => Math.min(Math.max(x(at), left), width);
  for (const [from, to] of spans) {
    svg.append(mark("rect", { class: "span", x: within(from), width: within(to) - within(from), y: top - rem, height: bottom - top + rem }));
  }
  for (const { at, row, text, left: isLeft } of notes) {
    const foot = (1.4 * (rows - (row ?? 0)) - 0.1) * rem;
    svg.append(mark("line", { class: "note", x1: within(at), x2: within(at), y1: foot, y2: bottom }));
    const words = row === null ? "▼" : isLeft ? `${text} ▼` : `▼ ${text}`;
    const anchor = row === null ? "middle" : isLeft ? "end" : "start";
    svg.append(mark("text", { class: "note", x: within(at), y: foot - 0.2 * rem, "text-anchor": anchor, dx: { middle: 0, start: -0.5 * rem, end: 0.5 * rem }[anchor] }, words));
  }
  // One line along all months where their targets are the same, else one over each month.
  const half = (x(1) - x(0)) / 2;
  const isOne = targets.every((target) => target === targets[0]);
  targets.forEach((target, at) => {
    if (target === null || (isOne && at)) return;
    const [x1, x2] = isOne ? [left, width] : [x(at) - half, x(at) + half];
    svg.append(mark("line", { class: "target", x1, x2, y1: y(target), y2: y(target) }));
  });
  let path = "";
  let dashed = "";
  values.forEach((value, at) => {
    if (value === null) return;
    const joins = at && values[at - 1] !== null;
    if (joins && unfinished.includes(at)) dashed += `M${x(at - 1)},${y(values[at - 1])}L${x(at)},${y(value)}`;
    path += `${joins && !unfinished.includes(at) ? "L" : "M"}${x(at)},${y(value)}`;
  });
  svg.append(mark("path", { class: "line", d: path }), mark("path", { class: "line dashed", d: dashed }));
  for (const [value, at] of known) {
    const open = unfinished.includes(at);
    svg.append(mark("circle", { class: `point${open ? " open" : ""}`, cx: x(at), cy: y(value), r: (open ? 0.32 : 0.25) * rem }));
  }
  const each = Math.ceil((4.2 * rem * values.length) / width);
  labels.forEach((label, at) => {
    if ((labels.length - 1 - at) % each === 0) {
      svg.append(mark("text", { x: x(at), y: height - 0.4 * rem, "text-anchor": "middle" }, label));
    }
  });
  // The last value and the two extremes, where they do not stand in each other's way.
  const at = (find) => known.reduce((best, one) => (find(one[0], best[0]) ? one : best));
  const [, lowest] = at((a, b) => a < b);
  const taken = [];
  for (const [value, where] of [known.at(-1), known.find(([, where]) => where === lowest), at((a, b) => a > b)]) {
    if (taken.some((other) => Math.abs(x(other) - x(where)) < 5.5 * rem)) continue;
    taken.push(where);
    const below = where === lowest;
    svg.append(mark("text", { class: "value", x: x(where), y: y(value) + (below ? 1.35 : -0.6) * rem, "text-anchor": "middle" }, texts[where]));
  }
  place.replaceChildren(svg);
}

function card(frame, { name, value, unit, change, tone, target, met, verdict }) {
  const made = make("section", "card");
  const was = before.get(`${frame.key} ${name}`);
  if (was !== undefined && was !== value) made.classList.add("changed");
  const amount = make("div", "value", value);
  if (unit) amount.append(" ", make("span", "unit", unit));
  made.append(make("div", "name", name), amount);
  if (change) made.append(make("div", `change ${tone}`, change));
  const aim = make("div", "target");
  if (verdict) aim.append(make("span", met ? "met" : "missed", `${met ? "✓" : "✗"} ${verdict}`), " ");
  if (target) aim.append(make("span", "", target));
  made.append(aim);
  return made;
}

function decision({ state, found, detail }) {
  const made = make("section", `decision ${state}`);
  made.append(make("div", "found", found));
  if (detail) made.append(make("div", "detail", detail));
  return made;
}

function group(className, parts) {
  const made = make("div", className);
  made.append(...parts);
  return made;
}

// The parts of a view, between the line above all of them and ``footer``, and its charts, which draw themselves once they
// are laid out.
function laidOut(frame, footer) {
  const { county, asOf, sample, words } = shown;
  const header = make("header");
  header.append(make("h1", "", `${county} · ${frame.title}`), make("span", "as-of", asOf));
  if (sample) header.append(make("span", "sample", sample));
  header.append(make("span", "clock"));
  const charts = frame.charts.map((chart) => ({ trend, map }[chart.kind] ?? bars)(chart, words));
  const isEven = frame.charts.every(({ kind }) => kind === "ranking");
  const parts = [
    header,
    group("decisions", frame.decisions.map(decision)),
    group("cards", frame.cards.map((one) => card(frame, one))),
    group(`charts${isEven ? " even" : ""}${frame.charts.some(({ kind }) => kind === "map") ? " mapped" : ""}`, charts),
    footer,
  ];
  return [parts, charts];
}

function draw() {
  const { frames, words, every } = shown;
  index = ((index % frames.length) + frames.length) % frames.length;
  const frame = asked ?? frames[index];
  const footer = make("footer");
  footer.append(make("span", "filters", frame.filters), make("span", "state"), make("span", "warning"));
  const track = make("div", "countdown");
  const left = make("i");
  left.style.animationDuration = `${every}s`;
  track.append(left);
  footer.append(track);
  if (asked) footer.append(make("span", "next", words.back));
  else if (frames.length > 1) footer.append(make("span", "next", `${words.next}：${frames[(index + 1) % frames.length].title}`));
  const [parts, charts] = laidOut(frame, footer);
  main.replaceChildren(...parts);
  main.dataset.view = frame.key;
  main.dataset.turn = turns;
  for (const chart of charts) chart.draw?.();
  describeState();
  tick();
}

function describeState() {
  main.classList.toggle("paused", resume !== undefined);
  const state = main.querySelector(".state");
  if (!state) return;
  state.textContent = resume === undefined ? "" : shown.words.paused;
  main.querySelector(".warning").textContent = warning;
  main.querySelector(".filters").hidden = Boolean(warning || state.textContent);
}

// --- Paper: all views, one a sheet ---

// How wide a sheet across is for its height, between the margins of the style sheet: A4 or A3
const SHEET = 1.5;
let paper;

function toPaper(isOnPaper) {
  paper?.remove();
  paper = undefined;
  if (!isOnPaper || !shown) return;
  // Laid out on the screen, so that what is drawn knows its place; paper then takes it to its own size.
  const root = document.documentElement, width = window.innerWidth, height = width / SHEET;
  root.style.fontSize = `${Math.min(height / 45, width / 62)}px`;
  paper = make("div", "paper");
  paper.style.setProperty("--height", `${height}px`);
  document.body.append(paper);
  shown.frames.forEach((frame, at) => {
    const footer = make("footer");
    footer.append(make("span", "filters", frame.filters), make("span", "warning", warning), make("span", "number", `${at + 1} / ${shown.frames.length}`));
    const [parts, charts] = laidOut(frame, footer);
    const sheet = make("section", "view");
    sheet.append(...parts);
    paper.append(sheet);
    for (const chart of charts) chart.draw?.();
  });
  root.style.removeProperty("font-size");
}

window.addEventListener("beforeprint", () => toPaper(true));
window.addEventListener("afterprint", () => toPaper(false));

// --- Rotation ---

function wait() {
  clearTimeout(turn);
  if (resume === undefined && !asked) turn = setTimeout(() => step(1), shown.every * 1000);
}

function step(by) {
  index += by;
  turns += 1;
  draw();
  wait();
}

function pause() {
  clearTimeout(turn);
  clearTimeout(resume);
  resume = setTimeout(go, RESUME_MS);
  document.body.classList.add("touched");
  describeState();
}

function go() {
  clearTimeout(resume);
  resume = undefined;
  document.body.classList.remove("touched");
  // A pause leaves no half of a view's time behind.
  draw();
  wait();
}

document.addEventListener("keydown", (event) => {
  if (!shown || inquiry.isOpen || event.ctrlKey || event.metaKey || event.altKey) return;
  if ((event.key === "/" || event.code === "Slash") && !event.shiftKey) {
    event.preventDefault();
    inquiry.open();
  } else if (asked) {
    if (event.key === "Escape") leaveAnswer();
  } else if (event.key === "Escape" && !document.fullscreenElement) window.location.assign(shown.frames[index].leave);
  else if (event.key === " " && resume !== undefined) go();
  else {
    pause();
    if (event.key === "ArrowRight" || event.key === "ArrowDown") step(1);
    if (event.key === "ArrowLeft" || event.key === "ArrowUp") step(-1);
    if (event.key.toLowerCase() === "f") {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    }
  }
  if ([" ", "ArrowDown", "ArrowUp"].includes(event.key)) event.preventDefault();
});
document.addEventListener("pointerdown", () => shown && pause());

// --- Asking: "/" opens a box, the answer stands in place of the views until Escape ---

const ANSWERED_MS = 600_000;
// An answer that takes longer is told to be on its way; why it is waited for no more, where nobody went on.
const WAITED_MS = 500;
const LATE = "late";

function showAnswer(frame, left) {
  const lost = left.map(({ words }) => `“${words}”`).join("，");
  const why = left.map(({ why }) => why).filter(Boolean).join("；");
  asked = { ...frame, decisions: lost ? [{ state: "missing", found: shown.words.lost + lost, detail: why }] : [] };
  clearTimeout(turn);
  clearTimeout(resume);
  resume = undefined;
  clearTimeout(answered);
  // Somebody who has left the room does not leave an answer behind.
  answered = setTimeout(leaveAnswer, ANSWERED_MS);
  draw();
}

function leaveAnswer() {
  clearTimeout(answered);
  asked = undefined;
  go();
}

class Question {
  constructor() {
    this.box = make("dialog", "ask");
    this.input = make("input");
    Object.assign(this.input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 500 });
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-controls", "readings");
    this.list = make("ol");
    this.list.id = "readings";
    this.list.setAttribute("role", "listbox");
    this.note = make("p");
    this.note.setAttribute("role", "status");
    this.box.append(this.input, this.list, this.note);
    document.body.append(this.box);
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("input", () => this.tell([]));
    // Nobody waits any longer for an answer.
    this.box.addEventListener("close", () => this.asking?.abort());
  }

  get isOpen() {
    return this.box.open;
  }

  open() {
    pause();
    this.input.placeholder = shown.words.ask;
    for (const named of [this.box, this.input, this.list]) named.setAttribute("aria-label", shown.words.ask);
    this.input.value = "";
    this.tell([]);
    this.box.showModal();
    this.input.focus();
  }

  tell(readings, left = [], note = "") {
    this.asking?.abort();
    // None of several is taken for granted.
    Object.assign(this, { readings, left, at: -1 });
    this.note.textContent = note;
    this.list.replaceChildren(...readings.map(({ name }, index) => {
      const line = make("li", "", name);
      line.id = `reading-${index}`;
      line.setAttribute("role", "option");
      return line;
    }));
    this.input.setAttribute("aria-expanded", String(readings.length > 0));
    this.mark();
  }

  mark() {
    this.input.removeAttribute("aria-activedescendant");
    [...this.list.children].forEach((line, index) => {
      line.classList.toggle("at", index === this.at);
      line.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) this.input.setAttribute("aria-activedescendant", line.id);
    });
  }

  press(event) {
    if (event.isComposing) return;
    const count = this.readings.length;
    if (event.key === "Enter" && !count) this.ask({ q: this.input.value });
    if (event.key === "Enter" && this.readings[this.at]) this.ask({ asks: this.readings[this.at].asks });
    if (!count || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    this.at = event.key === "ArrowDown" ? (this.at + 1) % count : (Math.max(this.at, 0) + count - 1) % count;
    this.mark();
  }

  async ask(what) {
    if (what.q !== undefined && !what.q.trim()) return;
    const { left } = this;
    const body = new URLSearchParams({ ...what, lang: language === "en-GB" ? "en" : "zh" });
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const slow = setTimeout(() => { this.note.textContent = shown.words.wait; }, WAITED_MS);
    const late = setTimeout(() => asking.abort(LATE), PATIENCE_MS);
    try {
      const told = await (await fetch("screen/ask", { method: "POST", body, signal: asking.signal })).json();
      if (told.frame) {
        this.box.close();
        showAnswer(told.frame, told.left ?? left);
      } else this.tell(told.readings ?? [], told.left ?? [], told.readings ? shown.words.choose : told.problem);
    } catch {
      const { aborted, reason } = asking.signal;
      if (!aborted || reason === LATE) this.tell([], [], shown.words.away);
    } finally {
      clearTimeout(slow);
      clearTimeout(late);
    }
  }
}

const inquiry = new Question();

// --- Refreshing ---

function later(milliseconds) {
  clearTimeout(question);
  question = setTimeout(ask, milliseconds);
}

async function ask() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    // The wall's key was revoked, or the session ended: nothing is shown any longer.
    if (answer.status === 401) return window.location.reload();
    const told = await answer.json();
    if (answer.ok) take(told);
    else if (!shown || answer.status === 400) complain(told.problem);
    else warn(shown.words.database);
    later(answer.ok && !told.outage ? shown.refresh * 1000 : RETRY_MS);
  } catch {
    // The network or the server is away, or something in between answers in its place.
    if (shown) warn(shown.words.away);
    else complain(language === "en-GB" ? "The server does not answer; trying again." : "连不上看板服务器，正在重试。");
    later(RETRY_MS);
  } finally {
    asking = false;
  }
}

function take(told) {
  if (shown && shown.build !== told.build) {
    window.location.reload();
    return;
  }
  const first = shown === null;
  const text = JSON.stringify([told.frames, told.asOf, told.every]);
  const isNew = first || text !== shown.text;
  if (isNew && !first) before = new Map(shown.frames.flatMap((frame) => frame.cards.map((one) => [`${frame.key} ${one.name}`, one.value])));
  const key = shown?.frames[index]?.key;
  shown = { ...told, text };
  warning = told.outage ? `${told.words.database} · ${told.words.since} ${told.outage} · ${told.asOf}` : "";
  if (isNew) {
    const same = told.frames.findIndex((frame) => frame.key === key);
    if (same >= 0) index = same;
    draw();
    wait();
  } else describeState();
}

function warn(words) {
  warning = `${words} · ${shown.asOf}`;
  describeState();
}

function complain(problem) {
  clearTimeout(turn);
  shown = null;
  main.replaceChildren(make("p", "problem", problem));
}

// --- The clock, which also notices a sleep ---

let ticked = Date.now();
const language = new URLSearchParams(window.location.search).get("lang") === "en" ? "en-GB" : "zh-CN";
document.documentElement.lang = language.slice(0, 2);
const clock = new Intl.DateTimeFormat(language, {
  year: "numeric", month: "2-digit", day: "2-digit", weekday: "short", hour: "2-digit", minute: "2-digit",
});

function tick() {
  const place = main.querySelector(".clock");
  if (place) place.textContent = clock.format(new Date());
}

setInterval(() => {
  tick();
  const now = Date.now();
  if (now - ticked > 10 * TICK_MS) ask();
  ticked = now;
}, TICK_MS);
window.addEventListener("online", ask);
let wide = 0;
window.addEventListener("resize", () => {
  clearTimeout(wide);
  wide = setTimeout(() => shown && draw(), 100);
});
// Screens that may go dark by themselves; a browser grants it to secure pages only.
const stayOn = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => { stayOn(); if (document.visibilityState === "visible") ask(); });
stayOn();
ask();
