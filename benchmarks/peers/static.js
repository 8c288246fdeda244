// 总览 and 群众诉求 with all that is measured loaded beforehand: the limit of what plotly can do.

// plotly 4.1 writes a warning, with where it came from, for each mark that a number colours: half of the drawing's time.
Plotly.setPlotConfig({ logging: 0 });

const page = () => (location.pathname.endsWith("petitions") ? "petitions" : "overview");
const later = () => new Promise((resolve) => setTimeout(resolve));

// The address with other values of a parameter; those that it has already are taken back.
function narrowed(name, values) {
  const asked = new URLSearchParams(location.search);
  const isBack = String(asked.getAll(name)) === String(values);
  asked.delete(name);
  if (!isBack) values.forEach((value) => asked.append(name, value));
  return `${location.pathname}${asked.size ? "?" : ""}${asked}`;
}

function go(href) {
  history.pushState({}, "", href);
  show();
}

function draw(place, { title, figure, id }, narrows) {
  place.firstElementChild.textContent = title;
  const drawing = place.lastElementChild;
  if (drawing.drawn === id) return;
  drawing.drawn = id;
  Plotly.react(drawing, figure.data, figure.layout, CONFIG);
  if (narrows) drawing.listens ??= drawing.on("plotly_click", ({ points: [{ customdata }] }) => go(narrowed(narrows, [customdata])));
}

let drawn;
async function show() {
  const main = document.querySelector("main");
  const isTurned = drawn && drawn !== page();
  if (drawn !== page()) main.innerHTML = PLACES[page()];
  drawn = page();
  const { figures, html } = STATES[drawn][location.search];
  for (const [name, inner] of Object.entries(html)) main.querySelector(`.${name}`).innerHTML = inner;
  const places = [...main.querySelectorAll(".figure")];
  // Of another page what the window shows comes first.
  const unseen = isTurned && places.find((place) => place.getBoundingClientRect().top >= innerHeight);
  for (const [index, place] of places.entries()) {
    if (place === unseen) await later();
    draw(place, figures[index], NARROWING[drawn][index]);
  }
}

addEventListener("click", (event) => {
  const found = event.target.closest("tr[data-key], button, .filters a");
  if (found?.href) {
    event.preventDefault();
    go(found.href);
  } else if (found?.dataset.key) go(narrowed("street", [found.dataset.key]));
  else if (found?.value) go(narrowed("street", found.value.split(",")));
  else if (found) go(location.pathname);
});
addEventListener("popstate", show);
addEventListener("load", async () => {
  for (const name of Object.keys(PLACES)) STATES[name] ??= await (await fetch(`${name}.json`)).json();
});
show();
