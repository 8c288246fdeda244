// Figures in rows and columns; a press on one shows what is behind it, on a heading sorts.

const orders = new WeakMap();

function cell({ text, key, chosen }, click) {
  const made = make("td", chosen ? "chosen" : "");
  if (key == null) {
    made.textContent = text;
  } else {
    const button = make("button", "", text);
    button.addEventListener("click", () => click(key));
    made.append(button);
  }
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".answer_table");
  if (isDrawn(place, data)) return;
  const { title, help, columns, rows, total, note } = parsed(data);
  const click = (key) => setTriggerValue("clicked", key);
  const heading = make("h2", "title", title);
  if (help) heading.append(explanation(help));
  const frame = make("div", "frame");
  const table = make("table");
  table.style.setProperty("--columns", columns.length);
  const head = make("tr");
  const body = make("tbody");
  const draw = () => {
    const order = orders.get(place);
    const sorted = order === undefined ? rows : [...rows].sort((one, other) => {
      const [a, b] = [one[order.column].sort, other[order.column].sort];
      if (a == null || b == null) return (a == null) - (b == null);
      return (a < b ? -1 : a > b ? 1 : 0) * order.sign;
    });
    body.replaceChildren(...[...(total ? [total] : []), ...sorted].map((row, index) => {
      const made = make("tr", total && index === 0 ? "total" : "");
      made.append(...row.map((one) => cell(one, click)));
      return made;
    }));
  };
  orders.delete(place);
  head.append(...columns.map((name, column) => {
    const made = make("th");
    made.scope = "col";
    const button = make("button", "", name);
    button.addEventListener("click", () => {
      const before = orders.get(place);
      orders.set(place, { column, sign: before?.column === column ? -before.sign : column === 0 ? 1 : -1 });
      draw();
    });
    made.append(button);
    return made;
  }));
  const header = make("thead");
  header.append(head);
  table.append(header, body);
  frame.append(table);
  draw();
  place.replaceChildren(heading, frame, ...(note ? [make("p", "quiet", note)] : []));
}
