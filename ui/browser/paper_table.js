// A list's rows as paper shows them; on the screen Streamlit's table stands for it.

function drawRows(place, { columns, rows, room, note }) {
  const row = (tag, words) => {
    const made = make("tr");
    made.append(...words.map((one, index) => make(tag, columns[index].number ? "number" : "", one)));
    return made;
  };
  const whole = columns.reduce((sum, { width }) => sum + width, 0);
  const table = make("table"), group = make("colgroup"), head = make("thead"), body = make("tbody");
  for (const { width } of columns) {
    const column = make("col");
    column.style.width = `${(100 * width) / whole}%`;
    group.append(column);
  }
  head.append(row("th", columns.map(({ title }) => title)));
  body.append(...rows.map((cells) => row("td", cells)));
  table.append(group, head, body);
  table.style.setProperty("--room", room);
  place.replaceChildren(table, ...(note ? [make("p", "quiet", note)] : []));
}

// All rows; raises what the server says where it gives none.
async function everyRow(way) {
  const answer = await fetch(folder() + way, { method: "POST", cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status < 500 || answer.status === 503 ? await answer.text() : "");
  return answer.json();
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".paper_table");
  if (!isDrawn(place, data)) {
    const content = parsed(data), { way } = content;
    drawRows(place, content);
    page.lists.delete(place);
    if (way) page.lists.set(place, { all: async () => drawRows(place, await everyRow(way)), first: () => drawRows(place, content) });
  }
  return () => page.lists.delete(place);
}
