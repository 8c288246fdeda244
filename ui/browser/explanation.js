// Shared by the elements: this file stands before each of their scripts.

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text != null) made.textContent = text;
  return made;
}

// A line of a list of options that is none of them: why there are none.
function unavailable(words) {
  const made = make("li", "quiet", words);
  made.setAttribute("role", "option");
  made.setAttribute("aria-disabled", "true");
  return made;
}

// Paragraphs of text; **words** between asterisks are strong.
function paragraphs(text) {
  return text.split("\n").map((line) => {
    const paragraph = make("p");
    line.trim().split("**").forEach((part, index) => {
      if (part) paragraph.append(index % 2 ? make("strong", "", part) : part);
    });
    return paragraph;
  });
}

// The address of one of the pages, with the filters that every page shares as the present address has them.
const SHARED = ["street", "from", "to", "latest", "compare", "lang"];
function address(path, query) {
  const asked = new URLSearchParams(query);
  const shared = new URLSearchParams(window.location.search);
  for (const name of SHARED.filter((one) => !asked.has(one))) {
    for (const value of shared.getAll(name)) asked.append(name, value);
  }
  return `${folder()}${path}${asked.size ? "?" : ""}${asked}`;
}

// A link to one of the pages, as the address is when it is followed.
function aim(link, path, query) {
  const set = () => {
    link.href = address(path, query);
  };
  set();
  for (const moment of ["pointerenter", "focus", "click"]) link.addEventListener(moment, set);
}

// The same, followed as a step forward.
function lead(link, path, query) {
  aim(link, path, query);
  link.addEventListener("click", (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    follow(link.href);
  });
}

// A mark that leads to the question behind a figure, or to the form that decides something about it.
function opener({ path = "explore", query, label }) {
  const link = make("a", "explain open", path === "explore" ? "↗" : "⚑");
  link.title = label;
  link.setAttribute("aria-label", label);
  lead(link, path, query);
  return link;
}

// A question mark that says what a figure means, while it is pointed at or has the focus.
function explanation(text) {
  const button = make("button", "explain", "?");
  button.type = "button";
  button.setAttribute("aria-label", text.replaceAll("**", "").replaceAll(/\s*\n\s*/g, "; "));
  const words = make("div", "explanation");
  words.setAttribute("popover", "manual");
  words.append(...paragraphs(text));
  const show = () => {
    if (words.matches(":popover-open")) return;
    words.showPopover();
    const mark = button.getBoundingClientRect();
    const { width, height } = words.getBoundingClientRect();
    const left = Math.max(8, Math.min(mark.left + mark.width / 2 - width / 2, window.innerWidth - width - 8));
    const above = mark.top - height - 6;
    words.style.left = `${left}px`;
    words.style.top = `${above >= 8 ? above : mark.bottom + 6}px`;
  };
  const hide = () => words.matches(":popover-open") && words.hidePopover();
  button.addEventListener("pointerenter", show);
  button.addEventListener("focus", show);
  button.addEventListener("click", show);
  // Who reads it with an enlarged page has to get from the mark to the words, and to be rid of them without moving.
  button.addEventListener("pointerleave", () => setTimeout(() => words.matches(":hover") || hide(), 150));
  words.addEventListener("pointerleave", hide);
  button.addEventListener("blur", hide);
  button.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  const both = make("span", "explained");
  both.append(button, words);
  return both;
}

// Words with marks beside them, which stay together on the first line: none of them stands on a line alone.
function signed(place, words, ...marks) {
  const signs = make("span", "explained");
  signs.append(...marks.filter(Boolean));
  place.classList.add("signed");
  place.replaceChildren(make("span", "", words), signs);
  return signs;
}
