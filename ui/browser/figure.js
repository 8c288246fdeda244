// A figure by plotly under a sentence that says what it shows. Streamlit runs this again when they or the theme change.

const LIBRARY = "plotly-cartesian-4.1.1.min.js";
const CONFIG = { displayModeBar: false, doubleClick: false, scrollZoom: false, showTips: false };

let library;
function plotly() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = folder() + LIBRARY;
    script.onload = () => {
      // Of each mark that a number colours plotly writes a warning, with where it came from: half of the time of drawing.
      window.Plotly.setPlotConfig({ logging: 0 });
      resolve(window.Plotly);
    };
    script.onerror = () => {
      // The next run of any figure tries again.
      library = undefined;
      reject(new Error(`${script.src} did not load`));
    };
    document.head.append(script);
  });
  return library;
}

// What figures leave to the theme: fonts, and the colours of words, lines and grounds.
function template(element) {
  const style = getComputedStyle(element);
  const value = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const font = { family: value("font"), size: 11, color: value("text-color") };
  const line = value("border-color");
  const axis = { gridcolor: line, zerolinecolor: line, tickcolor: line, tickfont: font, title: { font } };
  return {
    layout: {
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { ...axis, showgrid: false, zeroline: false },
      yaxis: axis,
      margin: { pad: 6 },
      hoverlabel: { bgcolor: value("background-color"), bordercolor: line, font: { ...font, size: 12 } },
      legend: { font },
    },
  };
}

// So near a point a pointer points at it, in pixels.
const NEAR = 6;

// Areas are filled by colour, many at once: which of them a place lies in, the browser knows. A trace's ``meta`` has the
// number of the area of each of its rings; that of the trace whose points stand for the areas is "places".
class Areas {
  constructor(data) {
    this.curveNumber = data.findIndex(({ meta }) => meta === "places");
    this.pointsNumber = data.findIndex(({ meta }) => meta === "points");
    this.points = data[this.pointsNumber] ?? { x: [], y: [] };
    this.paths = [];
    this.pen = document.createElement("canvas").getContext("2d");
    for (const { x, y, meta } of data.filter((trace) => Array.isArray(trace.meta))) {
      let ring = 0;
      let begins = true;
      x.forEach((across, at) => {
        if (across === null) {
          ring += 1;
          begins = true;
          return;
        }
        const path = (this.paths[meta[ring]] ??= new Path2D());
        path[begins ? "moveTo" : "lineTo"](across, y[at]);
        begins = false;
      });
    }
  }

  // The mark of the point near a pointer, or of the area under it.
  at(place, { clientX, clientY }) {
    const { left, top } = place.getBoundingClientRect();
    const { xaxis, yaxis } = place._fullLayout;
    const x = xaxis.p2d(clientX - left - xaxis._offset);
    const y = yaxis.p2d(clientY - top - yaxis._offset);
    const away = this.points.x.map((across, at) => Math.hypot(xaxis.d2p(across) - xaxis.d2p(x), yaxis.d2p(this.points.y[at]) - yaxis.d2p(y)));
    const nearest = away.indexOf(Math.min(...away));
    if (away[nearest] < NEAR) return { curveNumber: this.pointsNumber, pointNumber: nearest };
    const pointNumber = this.paths.findIndex((path) => this.pen.isPointInPath(path, x, y, "evenodd"));
    return pointNumber < 0 ? undefined : { curveNumber: this.curveNumber, pointNumber };
  }
}

// The numbers of a trace's marks as they are told and gone through. Of points those to be seen first are drawn last, over the others.
function inOrder({ customdata, hovertext, meta }) {
  const numbers = [...(Array.isArray(hovertext) ? hovertext : customdata).keys()];
  return meta === "points" ? numbers.reverse() : numbers;
}

// What a press asks of the address, or the page that it leads to.
const go = (way) => (way.path ? follow(address(way.path, way.query)) : ask(way));

const isSame = (one, other) => one?.curveNumber === other?.curveNumber && one?.pointNumber === other?.pointNumber;

// --- Words on marks: black or white, whichever is read better on what the mark's colour makes of the ground below it ---

// Red, green and blue of 255, and how opaque.
function channels(colour) {
  const found = colour.startsWith("#") ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) : colour.match(/[\d.]+/g).map(Number);
  return found.length < 4 ? [...found, 1] : found;
}

// The luminance of WCAG 2, from 0 for black to 1 for white.
function luminance(colour) {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function between(low, high, share) {
  return low.map((channel, at) => channel + (high[at] - channel) * share);
}

// The colour of one mark of a trace: its own, or that of its number on the trace's scale.
function colourOf({ color, colorscale, cmin, cmax }, at) {
  const own = Array.isArray(color) ? color[at] : color;
  if (typeof own === "string") return channels(own);
  const share = cmax > cmin ? Math.min(Math.max((own - cmin) / (cmax - cmin), 0), 1) : 0.5;
  const next = Math.max(colorscale.findIndex(([place]) => place >= share), 1);
  const [[from, low], [to, high]] = [colorscale[next - 1], colorscale[next]];
  return between(channels(low), channels(high), (share - from) / (to - from));
}

function writeReadably(data, ground) {
  for (const trace of data.filter(({ textposition }) => textposition === "inside")) {
    const color = trace.y.map((_, at) => {
      const [red, green, blue, opacity] = colourOf(trace.marker, at);
      const light = luminance(between(channels(ground).slice(0, 3), [red, green, blue], opacity));
      return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#FFFFFF";
    });
    trace.insidetextfont = { color };
  }
}

// --- A figure's data as a table: what pointing at its marks tells, for those who do not see them or have no pointer ---

const unmarked = (html) => html.replaceAll("<br>", "\n").replaceAll(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&amp;", "&");

// A template of plotly's for one mark; undefined where the mark has no number.
function filled(template, trace, at) {
  let isMissing = false;
  const words = template.replaceAll(/%\{([\w.]+)(?::([^}]*))?\}/g, (_, name, format) => {
    if (name === "fullData.name") return trace.name ?? "";
    const value = trace[name]?.[at];
    isMissing ||= value == null;
    if (format === undefined) return value;
    const digits = Number(/\.(\d)f/.exec(format)?.[1] ?? 0);
    return Number(value).toLocaleString("en-US", {
      useGrouping: format.includes(","), minimumFractionDigits: digits, maximumFractionDigits: format.includes("f") ? digits : 6,
    });
  });
  return isMissing ? undefined : unmarked(words);
}

// What the numbers of a trace are called: its own name, and that of its axis, its scale of colours, or the words above the plot.
function heading(trace, layout, extra) {
  const above = layout.annotations?.find(({ xref, yref, x, y }) => xref === "paper" && yref === "paper" && x === 0 && y === 1);
  const isAcross = typeof trace.y[0] === "string";
  const axis = isAcross ? layout[trace.xaxis === "x2" ? "xaxis2" : "xaxis"].title?.text : undefined;
  const unit = axis || trace.marker?.colorbar?.title?.text || above?.text;
  return unmarked([...new Set([extra || trace.name, unit])].filter(Boolean).join(" · "));
}

// The columns, and the rows: what each is of, its cells by column, and what a click on its mark gives.
function told({ data, layout }, { separator }) {
  const columns = [], rows = new Map();
  for (const trace of data.filter(({ hovertemplate, hovertext, hoverinfo }) => hovertemplate && Array.isArray(hovertext) && hoverinfo !== "skip")) {
    const [template, extra] = trace.hovertemplate.split(/<extra>|<\/extra>/);
    const column = heading(trace, layout, filled(extra ?? "", trace, 0));
    if (!columns.includes(column)) columns.push(column);
    for (const at of inOrder(trace)) {
      const words = trace.hovertext[at], place = trace.y[at], isNamed = typeof place === "string";
      // Traces share a row by the name beside it or the time below it; marks on a grid have one each.
      const key = isNamed ? place : layout.xaxis.tickvals && !trace.base ? trace.x[at] : `${words}`;
      const [first, ...rest] = (filled(template, trace, at) ?? `${unmarked(words)}\n${unmarked(trace.text?.[at] ?? "")}`).split("\n");
      const bold = unmarked(/^<b>(.*?)<\/b>/.exec(words)?.[1] ?? "");
      const name = isNamed ? unmarked(place).replaceAll("\u200b", "") : bold || (/^(.*?)：/.exec(first)?.[1] ?? first);
      const own = first.startsWith(name) ? first.slice(name.length).replace(/^\s*[：:]?\s*/, "") : first;
      // Where no axis says in what, what is written at the mark does.
      const isBare = !column && trace.text && /%\{[xy]/.test(template);
      const cell = isBare ? unmarked(trace.text[at]).trim() : [own, ...rest].filter(Boolean).join(separator);
      const row = rows.get(key) ?? { name, cells: new Map(), value: trace.customdata?.[at] };
      if (name.length > row.name.length) row.name = name;
      if (cell) row.cells.set(column, cell);
      rows.set(key, row);
    }
  }
  return { columns, rows: [...rows.values()] };
}

// So many rows; who wants more has the file.
const MOST_ROWS = 300;

function tabular(figure, title, words, choose) {
  const { columns, rows } = told(figure, words);
  const table = make("table"), head = make("thead"), body = make("tbody"), headings = make("tr");
  headings.append(...[words.name, ...columns.map((column) => column || words.value)].map((column) => {
    const cell = make("th", "", column);
    cell.scope = "col";
    return cell;
  }));
  head.append(headings);
  for (const { name, cells, value } of rows.slice(0, MOST_ROWS)) {
    const row = make("tr"), first = make("th", "", choose && value != null ? null : name);
    first.scope = "row";
    if (choose && value != null) {
      const button = make("button", "", name);
      button.type = "button";
      button.addEventListener("click", () => choose(String(value)));
      first.append(button);
    }
    row.append(first, ...columns.map((column) => make("td", "", cells.get(column) ?? "—")));
    body.append(row);
  }
  table.append(make("caption", "", title), head, body);
  const more = rows.length - MOST_ROWS;
  return more > 0 ? [table, make("p", "", words.more.replace("{0}", more))] : [table];
}

const whenIdle = window.requestIdleCallback ?? setTimeout;
// What a picture and paper are drawn in, whatever the page's theme.
const INK = "#1F2933", FAINT = "#E3E8EE";

// The theme in ink; ``size`` of the letters in pixels.
function inked(theme, size) {
  const { layout } = JSON.parse(theme);
  const font = { ...layout.font, color: INK, size };
  const axis = { tickfont: font, title: { font }, gridcolor: FAINT, zerolinecolor: FAINT, tickcolor: FAINT };
  return {
    layout: {
      ...layout, font, legend: { font }, xaxis: { ...layout.xaxis, ...axis }, yaxis: { ...layout.yaxis, ...axis },
    },
  };
}

// Paper says how wide it is to style sheets only. So figures are drawn for it at widths of their own, by whether they have
// a row to themselves, and the style sheet scales them to the paper.
const PAPER_ROW = 860, PAPER_COLUMN = 600;
// Lower than on the screen, where things are pressed, so that more is on a sheet; what has no names beside it at most so high.
const PAPER_SHARE = 0.88, PAPER_HIGH = 240;
// A map beside other parts is so high, so that a sheet has room for what stands above it; or as its names need it (charts/outlines.py).
const PAPER_MAP = 340, NAMED_MAP = 290;
const drawings = new WeakMap();

class Drawing {
  constructor(element) {
    this.title = make("h2", "figure-title");
    this.place = make("div", "figure-drawing");
    this.note = make("p", "quiet");
    this.key = make("ol", "quiet key");
    // What the mark says that the keyboard points at, for who cannot see it.
    this.told = make("p", "told");
    this.told.setAttribute("aria-live", "polite");
    this.table = make("div", "figure-table");
    element.replaceChildren(this.title, this.place, this.told, this.table, this.note, this.key);
    const place = this.place;
    place.addEventListener("pointermove", (event) => this.areas && this.point(this.areas.at(place, event)));
    place.addEventListener("pointerleave", () => this.areas && this.point());
    place.addEventListener("click", (event) => this.areas && this.press(this.areas.at(place, event)));
    place.addEventListener("keydown", (event) => this.step(event));
    place.addEventListener("blur", () => this.point());
    // Follows the column, which changes its width without the window (the sidebar opens, a tab is shown).
    this.observer = new ResizeObserver(() => {
      if (this.width && !this.isOnPaper && place.clientWidth && place.clientWidth !== this.width) this.draw();
    });
    this.observer.observe(place);
    // A browser that prints waits for nothing but these; where its tools show how paper looks, the medium changes.
    this.ending = new AbortController();
    const { signal } = this.ending;
    const medium = window.matchMedia("print");
    window.addEventListener("beforeprint", () => this.toPaper(true), { signal });
    window.addEventListener("afterprint", () => this.toPaper(false), { signal });
    medium.addEventListener("change", () => this.toPaper(medium.matches), { signal });
  }

  // Drawn for paper at once, or for the screen again.
  toPaper(isOnPaper) {
    if (isOnPaper === Boolean(this.isOnPaper) || !this.figure || !window.Plotly) return;
    // What a folded part of the page hides stays as it is.
    if (isOnPaper && !this.place.checkVisibility()) return;
    const page = this.place.closest("[data-testid=stMainBlockContainer]") ?? document.body;
    const isAlone = this.place.getBoundingClientRect().width > 0.7 * page.clientWidth;
    this.isOnPaper = isOnPaper;
    if (isOnPaper) this.paperWidth = isAlone ? PAPER_ROW : PAPER_COLUMN;
    this.drawWith(window.Plotly);
  }

  describe(title, help, note, numbered, explore, decide) {
    this.signs = signed(this.title, title, help && explanation(help), explore && opener(explore), decide && opener(decide));
    this.note.textContent = note ?? "";
    this.note.hidden = !note;
    this.key.replaceChildren(...numbered.map((name, at) => make("li", "", `${at + 1}\u00a0${name}`)));
    this.key.style.columnWidth = `${Math.max(0, ...numbered.map((name) => name.length)) + 1.5}em`;
    this.key.hidden = !numbered.length;
  }

  // What shows the table to who sees, and lets the keyboard choose what the pointer does in the figure.
  opening(label) {
    const button = make("button", "explain tabulates", "≡");
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    const say = () => button.setAttribute("aria-expanded", String(Boolean(this.isOpen)));
    button.addEventListener("click", () => {
      this.isOpen = !this.isOpen;
      this.table.classList.toggle("shown", this.isOpen);
      // It scrolls.
      if (this.isOpen) this.table.tabIndex = 0;
      else this.table.removeAttribute("tabindex");
      this.tabulate();
      say();
    });
    say();
    return button;
  }

  // Returns when it is drawn.
  show(data, theme) {
    // In this theme
    const isThere = this.listens && theme === this.theme;
    if (isDrawn(this.place, data) && isThere) return undefined;
    this.theme = theme;
    const { title, help, figure, height, note, numbered = [], clickable, explore, decide, picture, ways, alt, table } = parsed(data);
    // Often the words alone are new.
    const wanted = JSON.stringify(figure);
    const isNew = wanted !== this.wanted || !isThere;
    Object.assign(this, { figure, wanted });
    this.describe(title, help, note, numbered, explore, decide);
    if (picture) this.signs.append(saver(picture, this, () => this.saved()));
    this.signs.append(this.opening(table.label));
    this.place.setAttribute("aria-label", [title, alt].filter(Boolean).join(" · "));
    this.height = height;
    this.fit();
    this.place.classList.toggle("clickable", clickable);
    this.choose = clickable ? (value) => (ways ? ways[value] && go(ways[value]) : this.click(value)) : undefined;
    this.ways = ways;
    this.marks = clickable ? figure.data.flatMap((trace, curveNumber) => this.marksOf(trace, curveNumber)) : [];
    this.place.setAttribute("role", this.marks.length ? "application" : "img");
    this.place.tabIndex = this.marks.length ? 0 : -1;
    // Buttons that nobody sees would stop whoever goes through the page by keyboard.
    this.tabulate = () => this.table.replaceChildren(...tabular(figure, title, table, this.isOpen ? this.choose : undefined));
    whenIdle(() => this.tabulate());
    if (!isNew) return undefined;
    this.areas = figure.data.some(({ meta }) => meta === "places") ? new Areas(figure.data) : undefined;
    this.place.classList.toggle("areas", Boolean(this.areas));
    return this.draw();
  }

  // A map has a shape of its own: where the column is narrow it is as high as that needs.
  fit() {
    const { data, layout } = this.figure, { ratio, least = 0 } = layout.meta ?? {};
    const width = this.isOnPaper ? this.paperWidth : this.place.clientWidth;
    const hasNames = data.some(({ y }) => typeof y?.[0] === "string");
    this.drawnHeight = this.isOnPaper ? Math.round(PAPER_SHARE * this.height) : this.height;
    const isBeside = this.isOnPaper && width < PAPER_ROW;
    if (ratio && isBeside) this.drawnHeight = Math.min(this.drawnHeight, Math.max(PAPER_MAP, Math.round(NAMED_MAP * ratio)));
    if (ratio && width) this.drawnHeight = Math.min(this.drawnHeight, Math.round(width * ratio));
    else if (this.isOnPaper && !hasNames) this.drawnHeight = Math.max(Math.min(this.drawnHeight, PAPER_HIGH), least);
    this.place.style.setProperty("--high", `${this.drawnHeight}px`);
    this.place.style.height = `${this.drawnHeight}px`;
  }

  // What of a trace can be pressed, by pointer or keyboard.
  marksOf(trace, curveNumber) {
    const { customdata } = trace;
    if (!Array.isArray(customdata)) return [];
    const isPressed = (key) => (this.ways ? key in this.ways : key != null && key !== "");
    return inOrder(trace).flatMap((pointNumber) => (isPressed(customdata[pointNumber]) ? [{ curveNumber, pointNumber }] : []));
  }

  // Point at a mark, as a pointer does that plotly finds by itself; at none: take it away.
  point(mark) {
    if (isSame(mark, this.pointed) || !this.listens) return;
    this.pointed = mark;
    if (!mark) return void window.Plotly.Fx.unhover(this.place);
    const { xaxis = "x", yaxis = "y" } = this.figure.data[mark.curveNumber];
    window.Plotly.Fx.hover(this.place, [mark], `${xaxis}${yaxis}`);
  }

  press(mark) {
    const { customdata } = this.figure.data[mark?.curveNumber] ?? {};
    if (customdata) this.choose?.(String(customdata[mark.pointNumber]));
  }

  // The arrows go from mark to mark; Enter presses the one that they have come to.
  step(event) {
    const last = this.marks.length - 1;
    const at = this.marks.findIndex((mark) => isSame(mark, this.pointed));
    const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at < 0 ? last : at - 1, ArrowUp: at < 0 ? last : at - 1, Home: 0, End: last };
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps) {
      const mark = this.marks[Math.min(Math.max(steps[event.key], 0), last)];
      const { hovertext, customdata } = this.figure.data[mark.curveNumber];
      this.point(mark);
      const words = String((Array.isArray(hovertext) ? hovertext : customdata)[mark.pointNumber]);
      this.told.textContent = words.replaceAll(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&amp;", "&");
    } else if (event.key === "Enter" && at >= 0) this.press(this.pointed);
    else if (event.key === "Escape") this.point();
    else return;
    event.preventDefault();
  }

  // What nobody sees yet waits until the browser has nothing else to do; once drawn, it is drawn anew at once.
  draw() {
    if (this.listens || this.place.getBoundingClientRect().top < window.innerHeight) return this.drawNow();
    whenIdle(() => this.drawNow());
    return undefined;
  }

  async drawNow() {
    this.drawWith(await plotly());
  }

  drawWith(library) {
    const { data, layout } = structuredClone(this.figure);
    if (!this.isOnPaper) this.width = this.place.clientWidth;
    if (!this.width || !this.place.isConnected) return;
    this.pointed = undefined;
    this.fit();
    const [width, template] = this.isOnPaper ? [this.paperWidth, inked(this.theme, 11)] : [this.width, JSON.parse(this.theme)];
    const height = this.drawnHeight;
    writeReadably(data, this.isOnPaper ? "#FFFFFF" : template.layout.hoverlabel.bgcolor);
    // What legends took on the screen plotly gives back only after it has drawn, and paper does not wait: that begins anew,
    // for which plotly forgets who listens.
    const draw = this.isOnPaper ? library.newPlot : library.react;
    if (this.isOnPaper) this.listens = false;
    this.done = draw(this.place, data, { ...layout, width, height, template }, CONFIG);
    this.place.style.setProperty("--ratio", `${width} / ${height}`);
    for (const svg of this.place.querySelectorAll(".main-svg")) {
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("preserveAspectRatio", "xMinYMin");
    }
    if (this.listens) return;
    this.listens = true;
    const given = ({ points }) => points[0]?.customdata;
    this.place.on("plotly_click", (event) => given(event) != null && this.choose?.(String(given(event))));
    this.place.on("plotly_hover", (event) => {
      const way = this.ways?.[given(event)];
      rest(way?.path ? undefined : way);
    });
    this.place.on("plotly_unhover", leave);
  }
}

function saver({ name, title, source, label }, drawing, saved) {
  const button = make("button", "explain open", "⤓");
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", async () => {
    const library = await plotly();
    const { data, layout } = structuredClone(drawing.figure);
    writeReadably(data, "#FFFFFF");
    const holder = make("div");
    Object.assign(holder.style, { position: "fixed", left: "-20000px", top: "0" });
    document.body.append(holder);
    const theme = inked(drawing.theme, 13);
    const margin = { ...layout.margin, t: (layout.margin?.t ?? 8) + 72, b: (layout.margin?.b ?? 8) + 40 };
    const height = layout.height + 112;
    const full = {
      ...layout, width: 1100, height, margin, template: theme, paper_bgcolor: "#FFFFFF", plot_bgcolor: "#FFFFFF",
      title: { text: title, x: 0.015, y: 1, pad: { t: 14 }, yref: "container", xanchor: "left", yanchor: "top", font: { size: 19, color: INK },
        subtitle: { text: source, font: { size: 12, color: "#5B6770" } } },
    };
    try {
      await library.newPlot(holder, data, full, { staticPlot: true });
      const picture = await library.toImage(holder, { format: "png", width: 1100, height, scale: 2 });
      Object.assign(document.createElement("a"), { href: picture, download: `${name}.png` }).click();
      saved();
    } finally {
      library.purge(holder);
      holder.remove();
    }
  });
  return button;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".figure");
  const drawing = drawings.get(element) ?? new Drawing(element);
  drawings.set(element, drawing);
  drawing.click = (value) => setTriggerValue("clicked", value);
  drawing.saved = () => setTriggerValue("saved", true);
  const end = showing(data, (content) => drawing.show(content, JSON.stringify(template(parentElement))));
  return () => {
    end();
    drawing.observer.disconnect();
    drawing.ending.abort();
    // plotly goes on after it has drawn, with what purging takes away.
    Promise.resolve(drawing.done).then(() => window.Plotly?.purge(drawing.place));
    drawings.delete(element);
  };
}
