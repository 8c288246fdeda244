// A box that asks the server, while the viewer types, for what could be meant; a press or Enter chooses, or leads there.

const boxes = new WeakMap();

class Box {
  constructor(element) {
    this.input = make("input");
    Object.assign(this.input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 64 });
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", "found");
    this.input.setAttribute("aria-expanded", "false");
    this.list = make("ul", "found");
    this.list.id = "found";
    this.list.setAttribute("popover", "manual");
    this.list.setAttribute("role", "listbox");
    element.replaceChildren(this.input, this.list);
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("focus", () => this.input.value.trim() && this.ask());
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
    if (!typed) return this.close();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.isAsking = true;
    // Somebody who types is not asked for at every letter.
    await new Promise((resolve) => { this.timer = setTimeout(resolve, 90); });
    if (signal.aborted) return;
    const url = `${folder()}find?${this.query}&q=${encodeURIComponent(typed)}`;
    try {
      const answer = await fetch(url, { signal, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.draw((await answer.json()).rows);
    } catch (error) {
      if (error.name !== "AbortError") this.draw([], this.words.away);
    }
  }

  draw(rows, message) {
    this.rows = rows;
    this.at = 0;
    this.isAsking = false;
    // Enter came before the answer did.
    if (this.isEntered && rows.length) return this.choose(rows[0]);
    this.list.replaceChildren(...rows.map((row) => {
      const { name, kind, within, count } = row;
      const line = make("li");
      line.setAttribute("role", "option");
      line.append(make("span", "kind", kind), make("span", "name", name), make("span", "within", within), make("span", "count", count));
      line.addEventListener("click", () => this.choose(row));
      return line;
    }));
    if (!rows.length) this.list.append(unavailable(message ?? this.words.nothing));
    const place = this.input.getBoundingClientRect();
    Object.assign(this.list.style, { left: `${place.left}px`, top: `${place.bottom}px`, width: `${Math.min(Math.max(place.width, 360), 760)}px` });
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    this.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((line, index) => {
      const isAt = index === this.at && this.rows.length > 0;
      line.id = `found-${index}`;
      line.setAttribute("aria-selected", String(isAt));
      if (isAt) this.input.setAttribute("aria-activedescendant", line.id);
    });
    if (!this.rows.length) this.input.removeAttribute("aria-activedescendant");
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    if (event.isComposing) return;
    const open = this.list.matches(":popover-open");
    if (event.key === "Escape") this.close();
    if (event.key === "Enter" && this.isAsking) this.isEntered = true;
    if (!open || !this.rows.length || this.isAsking) return;
    if (event.key === "Enter") this.choose(this.rows[this.at]);
    if (event.key === "ArrowDown") this.at = (this.at + 1) % this.rows.length;
    if (event.key === "ArrowUp") this.at = (this.at + this.rows.length - 1) % this.rows.length;
    if (event.key.startsWith("Arrow")) { event.preventDefault(); this.mark(); }
  }

  choose({ key, way }) {
    this.input.value = "";
    this.close();
    if (way) follow(address(way.path, way.query));
    else this.click(key);
  }

  close() {
    this.asking?.abort();
    this.isAsking = false;
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".search_box");
  const box = boxes.get(element) ?? new Box(element);
  boxes.set(element, box);
  const { query, label, placeholder, small, ...words } = parsed(data);
  Object.assign(box, { query, words, click: (key) => setTriggerValue("clicked", key) });
  element.classList.toggle("small", Boolean(small));
  box.input.placeholder = placeholder;
  box.input.setAttribute("aria-label", label);
}
