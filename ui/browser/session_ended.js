// What stands in the place of a page whose viewer is signed in no longer.

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".session_ended");
  if (isDrawn(place, data)) return;
  const { sentence, label, way, is_anothers } = parsed(data);
  if (is_anothers) return window.location.reload();
  const words = make("p", "", sentence);
  words.setAttribute("role", "alert");
  const link = make("a", "", label);
  link.href = way;
  place.replaceChildren(words, link);
}
