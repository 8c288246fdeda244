// Things that need a decision, each with the way to the rows behind it.

function item({ state, found, detail, label, way, explore, decide }) {
  const made = make("section", `item ${state}`);
  const heading = make("p", "found");
  signed(heading, found, explore && opener(explore), decide && opener(decide));
  made.append(heading);
  if (state === "act") {
    const go = make("a", "go", `${label} →`);
    lead(go, way.path, way.query);
    made.append(make("p", "quiet", detail), go);
  }
  return made;
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".attention");
  return showing(data, (content) => {
    if (isDrawn(place, content)) return;
    const { title, items, more } = parsed(content);
    const go = make("a", "go", `${more.label} →`);
    lead(go, more.path, "");
    const first = make("p", "quiet", more.detail && `${more.detail}　`);
    first.append(go);
    place.replaceChildren(make("h2", "title", title), first, ...items.map(item));
  });
}
