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

// A line without axes, with gaps where a value is null; to an unfinished month it is dashed. Pointing at it tells each
// value and from where to where all of them go.
function sparkline({ values, scale: [low, high], labels, unfinished, range, alt }) {
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, index) => value === null ? null
    : [(index * step).toFixed(1), (HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4)).toFixed(1)]);
  let line = "", dashed = "", area = "", begin = null, last = null;
  const close = () => { if (last) area += `L${last[0]},${HEIGHT}L${begin[0]},${HEIGHT}Z`; begin = last = null; };
  points.forEach((point, index) => {
    if (point === null) { close(); return; }
    if (last && unfinished.includes(index)) {
      dashed += `M${last}L${point}`;
      line += `M${point}`;
    } else line += `${last ? "L" : "M"}${point}`;
    area += `${last ? "L" : "M"}${point}`;
    begin ??= point;
    last = point;
  });
  close();
  const svg = node("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": alt, "aria-description": labels.join("; "),
  });
  svg.append(
    node("path", { d: area, class: "area" }),
    node("path", { d: line, class: "line" }),
    node("path", { d: dashed, class: "line dashed" }),
    ...labels.map((label, index) =>
      node("rect", { x: (index - 0.5) * step, y: 0, width: step, height: HEIGHT, class: "month" }, `${label}\n${range}`)),
  );
  return svg;
}

function card({ name, help, value, unit, change, tone, line, target, met, verdict, explore, decide }) {
  const made = make("section", "kpi");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  const heading = make("div", "name");
  signed(heading, name, explanation(help), decide && opener(decide));
  const figure = make("div", "value", value);
  if (unit) figure.append(" ", make("span", "unit", unit));
  made.append(heading, figure);
  if (change) made.append(make("div", `change ${tone}`, change));
  if (line) made.append(sparkline(line));
  if (target) {
    const aim = make("p", "target");
    if (verdict) aim.append(make("span", met ? "met" : "missed", `${met ? "✓" : "✗"} ${verdict}`), " ");
    aim.append(make("span", "quiet", target));
    made.append(aim);
  }
  if (explore) made.append(opener(explore));
  return made;
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".kpi_cards");
  return showing(data, (content) => {
    if (!isDrawn(place, content)) place.replaceChildren(...parsed(content).cards.map(card));
  });
}
