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

const drawings = new WeakMap();

class Drawing {
  constructor(element) {
    this.title = make("p", "figure-title");
    this.place = make("div", "figure-drawing");
    this.place.setAttribute("role", "img");
    this.note = make("p", "quiet");
    element.replaceChildren(this.title, this.place, this.note);
    const place = this.place;
    // Follows the column, which changes its width without the window (the sidebar opens, a tab is shown).
    this.observer = new ResizeObserver(() => {
      if (this.width && place.clientWidth && place.clientWidth !== this.width) this.draw();
    });
    this.observer.observe(place);
  }

  describe(title, help, note, explore, decide) {
    this.title.textContent = title;
    // Together, so that none of them stands on a line alone.
    this.marks = make("span", "explained");
    if (help) this.marks.append(explanation(help));
    for (const mark of [explore, decide].filter(Boolean)) this.marks.append(opener(mark));
    this.title.append(this.marks);
    this.note.textContent = note ?? "";
    this.note.hidden = !note;
  }

  // Returns when it is drawn.
  show(data, theme) {
    // In this theme
    const isThere = this.listens && theme === this.theme;
    if (isDrawn(this.place, data) && isThere) return undefined;
    this.theme = theme;
    const { title, help, figure, height, note, clickable, explore, decide, picture, ways, alt } = parsed(data);
    // Often the words alone are new.
    const wanted = JSON.stringify(figure);
    const isNew = wanted !== this.wanted || !isThere;
    Object.assign(this, { figure, wanted });
    this.describe(title, help, note, explore, decide);
    if (picture) this.marks.append(saver(picture, this, () => this.saved()));
    this.place.setAttribute("aria-label", [title, alt].filter(Boolean).join(" · "));
    this.place.style.height = `${height}px`;
    this.place.classList.toggle("clickable", clickable);
    this.choose = clickable ? (value) => (ways ? ways[value] && ask(ways[value]) : this.click(value)) : undefined;
    this.ways = ways;
    return isNew ? this.draw() : undefined;
  }

  // What nobody sees yet waits until the browser has nothing else to do; once drawn, it is drawn anew at once.
  draw() {
    if (this.listens || this.place.getBoundingClientRect().top < window.innerHeight) return this.drawNow();
    (window.requestIdleCallback ?? setTimeout)(() => this.drawNow());
    return undefined;
  }

  async drawNow() {
    const library = await plotly();
    const { data, layout } = structuredClone(this.figure);
    this.width = this.place.clientWidth;
    if (!this.width || !this.place.isConnected) return;
    this.done = library.react(this.place, data, { ...layout, width: this.width, template: JSON.parse(this.theme) }, CONFIG);
    if (this.listens) return;
    this.listens = true;
    const given = ({ points }) => points[0]?.customdata;
    this.place.on("plotly_click", (event) => given(event) != null && this.choose?.(String(given(event))));
    this.place.on("plotly_hover", (event) => rest(this.ways?.[given(event)]));
    this.place.on("plotly_unhover", leave);
  }
}

// What a picture is drawn in, whatever the page's theme: it goes into documents.
const INK = "#1F2933";

function saver({ name, title, source, label }, drawing, saved) {
  const button = make("button", "explain open", "⤓");
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", async () => {
    const library = await plotly();
    const { data, layout } = structuredClone(drawing.figure);
    const holder = make("div");
    Object.assign(holder.style, { position: "fixed", left: "-20000px", top: "0" });
    document.body.append(holder);
    const theme = JSON.parse(drawing.theme);
    const margin = { ...layout.margin, t: (layout.margin?.t ?? 8) + 72, b: (layout.margin?.b ?? 8) + 40 };
    const height = layout.height + 112;
    theme.layout.font = { ...theme.layout.font, color: INK, size: 13 };
    for (const axis of ["xaxis", "yaxis"]) {
      theme.layout[axis] = { ...theme.layout[axis], tickfont: { color: INK }, title: { font: { color: INK } }, gridcolor: "#E3E8EE" };
    }
    theme.layout.legend = { font: { color: INK } };
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
    // plotly goes on after it has drawn, with what purging takes away.
    Promise.resolve(drawing.done).then(() => window.Plotly?.purge(drawing.place));
    drawings.delete(element);
  };
}
