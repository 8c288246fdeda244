// Things that need a decision, each with the way to the rows behind it.

function item({ state, found, detail, label, name, explore }, click) {
  const made = make("section", `item ${state}`);
  const heading = make("p", "found", found);
  if (explore) heading.append(opener(explore));
  made.append(heading);
  if (state === "act") {
    const go = make("button", "go", `${label} →`);
    go.type = "button";
    go.addEventListener("click", () => click(name));
    made.append(make("p", "quiet", detail), go);
  }
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".attention");
  if (isDrawn(place, data)) return;
  const { title, items } = parsed(data);
  const click = (name) => setTriggerValue("clicked", name);
  place.replaceChildren(make("p", "title", title), ...items.map((one) => item(one, click)));
}
