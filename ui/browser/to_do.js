// What has to be done: a line for each kind, a column for each urgency; a count shows its rows.

function cell(name, shown) {
  const made = make("td");
  if (!shown) return made;
  const { state, words, count, unit, label, chosen, asks: changes, way } = shown;
  made.className = chosen ? `${state} chosen` : state;
  if (words) {
    made.append(make("span", "quiet", words));
    return made;
  }
  const button = make(way ? "a" : "button", "count");
  button.append(make("strong", "", count), ` ${unit} `, make("span", "label", label));
  // It begins with what is written in it, by which somebody who speaks to the computer calls it.
  button.setAttribute("aria-label", `${count} ${unit} ${label} · ${name}`);
  if (way) lead(button, way.path, new URLSearchParams(Object.entries(way.asks).flatMap(([key, values]) => values.map((value) => [key, value]))));
  else asks(button, changes);
  if (chosen) button.setAttribute("aria-current", "true");
  made.append(button);
  return made;
}

function line({ name, help, note, cells }) {
  const made = make("tr");
  const heading = make("th", "name", name);
  heading.scope = "row";
  heading.append(explanation(help));
  if (note) heading.append(make("span", "note", note));
  made.append(heading, ...cells.map((shown) => cell(name, shown)));
  return made;
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".to_do");
  return showing(data, (content) => {
    if (isDrawn(place, content)) return;
    const { title, heading, columns, rows } = parsed(content);
    const table = make("table");
    table.setAttribute("aria-label", title);
    const head = make("thead"), headings = make("tr"), body = make("tbody");
    headings.append(...[heading, ...columns].map((words) => {
      const made = make("th", "", words);
      made.scope = "col";
      return made;
    }));
    head.append(headings);
    body.append(...rows.map(line));
    table.append(head, body);
    place.replaceChildren(table);
  });
}
