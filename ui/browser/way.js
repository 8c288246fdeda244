// A link to one of the pages.

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".way");
  if (isDrawn(place, data)) return;
  const { path, query, label } = parsed(data);
  const link = make("a", "", label);
  lead(link, path, query);
  place.replaceChildren(link);
}
