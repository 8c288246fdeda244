// Cards with a figure each: name, value, change, the line of the last months, target.

const WIDTH = 100;
const HEIGHT = 36;
const SVG = "http://www.w3.org/2000/svg";

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.append(Object.assign(document.createElementNS(SVG, "title"), { textContent: text }));
  return made;
}

// A line without axes, with gaps where a value is null; pointing at it tells each value.
function sparkline({ values, labels, alt }) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, index) => value === null ? null
    : [(index * step).toFixed(1), (HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4)).toFixed(1)]);
  let line = "", area = "", begin = null, last = null;
  const close = () => { if (last) area += `L${last[0]},${HEIGHT}L${begin[0]},${HEIGHT}Z`; begin = last = null; };
  for (const point of points) {
    if (point === null) { close(); continue; }
    const drawn = `${last ? "L" : "M"}${point}`;
    line += drawn;
    area += drawn;
    begin ??= point;
    last = point;
  }
  close();
  const svg = node("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": alt,
  });
  svg.append(
    node("path", { d: area, class: "area" }),
    node("path", { d: line, class: "line" }),
    ...labels.map((label, index) =>
      node("rect", { x: (index - 0.5) * step, y: 0, width: step, height: HEIGHT, class: "month" }, label)),
  );
  return svg;
}

function card({ name, help, value, change, tone, line, target, explore }) {
  const made = make("section", `kpi ${tone}`);
  const heading = make("div", "name", name);
  heading.append(explanation(help));
  made.append(heading, make("div", "value", value));
  if (change) made.append(make("div", "change", change));
  if (line) made.append(sparkline(line));
  if (target) made.append(make("p", "quiet", target));
  if (explore) made.append(opener(explore));
  return made;
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".kpi_cards");
  if (isDrawn(place, data)) return;
  place.replaceChildren(...parsed(data).cards.map(card));
}
