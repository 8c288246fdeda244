// A box in which one asks: while the viewer types, the server says what could be meant; a press or Enter chooses, or leads
// there. What was understood of a sentence stands as chips, each of which can be taken out of it. "/" opens it.

const boxes = new WeakMap();
const KEY = "/";
// More than a sentence is read of; of what is longer the answer says so.
const LONGEST = 500;

class Box {
  constructor(element) {
    this.element = element;
    this.rows = [];
    this.input = make("input");
    Object.assign(this.input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: LONGEST });
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", "found");
    this.input.setAttribute("aria-expanded", "false");
    this.input.setAttribute("aria-keyshortcuts", KEY);
    this.hint = make("kbd", "", KEY);
    this.hint.setAttribute("aria-hidden", "true");
    this.note = make("p", "note");
    // Lines that cannot be chosen are told to who does not see them.
    this.told = make("p", "told");
    this.told.setAttribute("role", "status");
    this.list = make("ul", "found");
    this.list.id = "found";
    // It closes when the box loses the focus, which would else go to it, as it scrolls.
    this.list.tabIndex = -1;
    this.list.setAttribute("popover", "manual");
    this.list.setAttribute("role", "listbox");
    element.replaceChildren(this.input, this.hint, this.note, this.told, this.list);
    // Letters that are about to become characters are no words yet.
    this.input.addEventListener("input", (event) => event.isComposing || this.ask());
    this.input.addEventListener("compositionend", () => this.ask());
    this.input.addEventListener("focus", () => this.ask());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.press(event));
    // Before the box loses the focus
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  async ask() {
    this.asking?.abort();
    clearTimeout(this.timer);
    this.isEntered = false;
    const typed = this.input.value.trim();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.isAsking = Boolean(typed);
    if (!typed) this.close();
    // Somebody who types is not asked for at every letter.
    if (typed) await new Promise((resolve) => { this.timer = setTimeout(resolve, 90); });
    if (signal.aborted) return;
    // On a server that has just started the first answer takes a while.
    if (typed) this.timer = setTimeout(() => { if (!signal.aborted && this.isAsking) this.show([unavailable(this.words.wait)]); }, 500);
    const body = new URLSearchParams(this.query);
    body.set("q", this.input.value);
    try {
      // Whoever has come to ask has what it takes made ready, before a word is typed.
      const answer = await fetch(`${folder()}find`, { method: "POST", body, signal: typed ? signal : undefined, cache: "no-store" });
      if (!typed) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const { rows, choose } = await answer.json();
      this.draw(rows, choose ? -1 : 0);
    } catch (error) {
      if (typed && error.name !== "AbortError") this.draw([], 0, this.words.away);
    }
  }

  draw(rows, at, message) {
    clearTimeout(this.timer);
    this.rows = rows;
    this.at = at;
    this.isAsking = false;
    // Enter came before the answer did.
    if (this.isEntered && rows[at]) return this.choose(rows[at]);
    const lines = rows.map((row) => {
      const line = make("li");
      line.setAttribute("role", "option");
      line.append(make("span", "kind", row.kind), ...(row.chips ? this.asked(row) : [
        make("span", "name", row.name), make("span", "within", row.within), make("span", "count", row.count),
      ]));
      line.addEventListener("click", () => this.choose(row));
      return line;
    });
    if (at < 0) lines.unshift(unavailable(this.words.choose));
    if (!rows.length) lines.push(unavailable(message ?? this.words.nothing));
    this.show(lines);
    this.mark();
  }

  show(lines) {
    this.list.replaceChildren(...lines);
    this.told.textContent = lines.filter((line) => line.matches(".quiet")).map((line) => line.textContent).join();
    const place = this.input.getBoundingClientRect();
    const width = Math.min(Math.max(place.width, 640), 860, window.innerWidth - place.left - 16);
    Object.assign(this.list.style, { left: `${place.left}px`, top: `${place.bottom}px`, width: `${width}px` });
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    this.input.setAttribute("aria-expanded", "true");
  }

  // What was understood of a sentence, and what was not
  asked({ chips, left }) {
    const made = make("div", "asked");
    made.append(...chips.map(({ words, begin, end }) => {
      const chip = make("span", begin === undefined ? "chip silent" : "chip", words);
      if (begin !== undefined) chip.append(this.remover(words, begin, end));
      return chip;
    }));
    if (left.length) made.append(lost(this.words, left));
    return [made];
  }

  remover(words, begin, end) {
    // For the pointer: from the keyboard the words themselves are taken out.
    const button = make("span", "remove", "×");
    button.setAttribute("aria-hidden", "true");
    button.title = this.words.remove.replace("{0}", words);
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      const signs = [...this.input.value];
      this.input.value = [...signs.slice(0, begin), " ", ...signs.slice(end)].join("").replace(/\s+/g, " ").trim();
      this.ask();
    });
    return button;
  }

  mark() {
    const lines = [...this.list.querySelectorAll("[role=option]:not(.quiet)")];
    this.input.removeAttribute("aria-activedescendant");
    lines.forEach((line, index) => {
      line.id = `found-${index}`;
      line.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) this.input.setAttribute("aria-activedescendant", line.id);
    });
    lines[this.at]?.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    if (event.isComposing) return;
    const open = this.list.matches(":popover-open");
    if (event.key === "Escape") {
      if (!open) this.goBack();
      this.close();
    }
    // What was closed by Escape is asked once more.
    if (!open && !this.isAsking && this.input.value.trim() && ["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) this.ask();
    if (event.key === "Enter" && this.isAsking) this.isEntered = true;
    if (!open || !this.rows.length || this.isAsking) return;
    if (event.key === "Enter" && this.rows[this.at]) this.choose(this.rows[this.at]);
    if (event.key === "ArrowDown") this.at = (this.at + 1) % this.rows.length;
    if (event.key === "ArrowUp") this.at = (Math.max(this.at, 0) + this.rows.length - 1) % this.rows.length;
    if (event.key.startsWith("Arrow") && event.key !== "ArrowLeft" && event.key !== "ArrowRight") {
      event.preventDefault();
      this.mark();
    }
  }

  // To where somebody was who opened the box by its key
  goBack() {
    this.input.blur();
    if (this.from?.isConnected) this.from.focus({ preventScroll: true });
    this.from = undefined;
  }

  choose({ key, way, left, asks }) {
    page.told = way?.whole ? { typed: this.input.value, left: left ?? [], asks, from: this.query } : undefined;
    // What was asked stays, so that it can be asked otherwise; a condition that was added stands among the others.
    if (!way) this.input.value = "";
    this.close();
    if (way?.whole) this.leave(way);
    else if (way) follow(address(way.path, way.query));
    else this.click(key);
  }

  // A sentence is a question of its own: of the filters nothing but the language goes along.
  leave({ path, query }) {
    this.input.blur();
    const asked = new URLSearchParams(query);
    const language = new URLSearchParams(window.location.search).get("lang");
    if (language) asked.set("lang", language);
    follow(`${folder()}${path}?${asked}`);
  }

  // The sentence that led here, as long as its question stands
  tell() {
    const { told } = page;
    // Until the page shows what was asked, the page that is left may be drawn once more.
    if (told && told.query === undefined && this.query !== told.from && asksFor(this.query, told.asks)) told.query = this.query;
    const holds = Boolean(told) && (told.query === undefined || told.query === this.query);
    if (told && !holds) page.told = undefined;
    if (!holds && this.isTold) this.input.value = "";
    if (holds && !this.isTold) this.input.value = told.typed;
    this.isTold = holds;
    this.note.replaceChildren(...(holds && told.left.length ? [lost(this.words, told.left)] : []));
  }

  close() {
    this.asking?.abort();
    this.isAsking = false;
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.told.textContent = "";
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

// Whether a question holds all that was asked
function asksFor(query, asks) {
  const given = new URLSearchParams(query);
  return [...new URLSearchParams(asks)].every(([name, value]) => given.getAll(name).includes(value));
}

function lost({ lost: words }, left) {
  const made = make("span", "lost", words);
  made.append(...left.flatMap(({ words: own, why }, index) => [
    index ? "，" : "", make("b", "", own), why ? make("small", "", why) : "",
  ]));
  return made;
}

// --- One key opens it, on every page ---

const isTyped = (node) => node instanceof HTMLElement && (node.isContentEditable || /^(input|textarea|select)$/i.test(node.tagName));

page.box ??= { shown: undefined, isHeard: false };
function openBox(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if ((event.key !== KEY && event.code !== "Slash") || event.shiftKey || isTyped(event.composedPath()[0])) return;
  const box = page.box.shown;
  if (!box?.input.isConnected) return;
  event.preventDefault();
  const { input } = box;
  box.from = event.composedPath()[0];
  const { right } = input.getBoundingClientRect();
  // Where the bar at the side is folded, it is opened.
  if (right <= 0) document.querySelector("[data-testid=stExpandSidebarButton]")?.click();
  input.focus();
  input.select();
}
if (!page.box.isHeard) {
  page.box.isHeard = true;
  document.addEventListener("keydown", (event) => page.box.open?.(event));
}
page.box.open = openBox;

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".search_box");
  const box = boxes.get(element) ?? new Box(element);
  boxes.set(element, box);
  const { query, label, placeholder, small, ...words } = parsed(data);
  Object.assign(box, { query, words, click: (key) => setTriggerValue("clicked", key) });
  element.classList.toggle("small", Boolean(small));
  box.input.placeholder = placeholder;
  box.input.setAttribute("aria-label", label);
  page.box.shown = box;
  if (!small) box.tell();
}
