// The filters every page shares. Each choice asks the address for it.

const filters = new WeakMap();

// A choice of one; off with a reason, or because something else decides.
function select(label, options, chosen, off, choose) {
  const made = make("select");
  made.setAttribute("aria-label", label);
  made.append(...options.map(({ code, words }) => {
    const option = make("option", "", words);
    option.value = code;
    option.selected = code === chosen;
    return option;
  }));
  made.disabled = off;
  made.addEventListener("change", () => choose(made.value));
  return made;
}

function labelled(label, why, control) {
  const made = make("div", "labelled");
  const words = make("span", "label", label);
  if (why) words.append(explanation(why));
  made.append(words, control);
  return made;
}

// Townships chosen, and a box that finds further ones by their characters, pinyin and initials.
class Townships {
  constructor() {
    this.place = make("div", "townships");
    this.input = make("input");
    Object.assign(this.input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 60 });
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", "townships");
    this.input.setAttribute("aria-expanded", "false");
    this.list = make("ul", "options");
    this.list.id = "townships";
    // It closes when the box loses the focus, which would else go to it, as it scrolls.
    this.list.tabIndex = -1;
    this.list.setAttribute("popover", "manual");
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.place.append(this.input, this.list);
    this.input.addEventListener("input", () => this.open());
    this.input.addEventListener("focus", () => this.open());
    this.input.addEventListener("click", () => this.open());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.place.addEventListener("click", (event) => event.target === this.place && this.input.focus());
    // Before the box loses the focus
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  show(asked) {
    Object.assign(this, asked);
    this.input.setAttribute("aria-label", this.label);
    this.input.placeholder = this.chosen.length ? "" : this.placeholder;
    const chips = this.chosen.map((name) => {
      const chip = make("span", "chip", name);
      const remove = make("button", "", "×");
      remove.type = "button";
      remove.setAttribute("aria-label", this.remove.replace("{0}", name));
      asks(remove, this.toggled(name));
      chip.append(remove);
      return chip;
    });
    // The box stays where it is, and with it the focus; of a chip that goes, the box takes it.
    const { activeElement } = this.place.getRootNode();
    const hadFocus = this.place.contains(activeElement) && activeElement !== this.input;
    this.place.querySelectorAll(".chip").forEach((chip) => chip.remove());
    this.place.prepend(...chips);
    if (hadFocus) this.input.focus();
    if (this.list.matches(":popover-open")) this.draw();
  }

  typed() {
    return this.input.value.trim().toLowerCase();
  }

  found() {
    const typed = this.typed();
    const fits = (name) => name.toLowerCase().includes(typed) || this.sounds[name].some((sound) => sound.startsWith(typed));
    return this.names.filter(fits);
  }

  draw() {
    const found = this.found();
    this.at = Math.min(this.at ?? 0, Math.max(found.length - 1, 0));
    this.list.replaceChildren(...found.map((name, index) => {
      const line = make("li", index === this.at ? "at" : "", name);
      line.id = `township-${index}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(this.chosen.includes(name)));
      line.addEventListener("click", () => { this.input.value = ""; });
      asks(line, this.toggled(name));
      return line;
    }));
    if (!found.length) this.list.append(unavailable(this.nothing));
    if (found.length) this.input.setAttribute("aria-activedescendant", `township-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
    const { left, bottom, width } = this.place.getBoundingClientRect();
    Object.assign(this.list.style, {
      left: `${left}px`, top: `${bottom + 2}px`, width: `${width}px`, maxHeight: `${Math.max(window.innerHeight - bottom - 16, 120)}px`,
    });
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  open() {
    if (!this.list.matches(":popover-open")) {
      this.at = 0;
      this.list.showPopover();
      this.input.setAttribute("aria-expanded", "true");
    }
    this.draw();
  }

  close() {
    this.input.value = "";
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  // What asks for the township besides those that are chosen, or for the others without it
  toggled(name) {
    const without = this.chosen.filter((one) => one !== name);
    return { street: without.length < this.chosen.length ? without : [...this.chosen, name] };
  }

  toggle(name) {
    this.input.value = "";
    ask(this.toggled(name));
  }

  press(event) {
    if (event.isComposing) return;
    const found = this.found();
    if (event.key === "Escape") this.close();
    else if (event.key === "Backspace" && !this.input.value && this.chosen.length) this.toggle(this.chosen.at(-1));
    else if (event.key === "Enter" && found.length && this.list.matches(":popover-open")) this.toggle(found[this.at]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.list.matches(":popover-open")) return this.open();
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % (found.length || 1);
      this.draw();
    }
  }
}

class Filters {
  constructor(element) {
    this.element = element;
    this.townships = new Townships();
    this.rest = make("div", "rest");
    this.note = make("p", "quiet");
    this.label = make("span", "label");
    element.replaceChildren(this.note, this.label, this.townships.place, this.rest);
  }

  show(data) {
    if (isDrawn(this.element, data)) return;
    const { route, note, townships, kinds, months, latest, compare, reset } = parsed(data);
    page.route = route;
    this.note.textContent = note ?? "";
    this.note.hidden = !note;
    this.label.textContent = townships.label;
    this.townships.show(townships);

    const groups = make("div", "kinds");
    groups.append(...kinds.map(({ words, names }) => {
      const button = make("button", "", words);
      button.type = "button";
      button.setAttribute("aria-pressed", String(JSON.stringify(names) === JSON.stringify(townships.chosen)));
      asks(button, { street: names });
      return button;
    }));

    const period = make("div", "period");
    period.append(...Object.entries(months).map(([name, { label, options, chosen, off }]) => labelled(label, off, select(
      label, options.map((month) => ({ code: month, words: month })), chosen, Boolean(off) || latest.chosen,
      (month) => ask({ from: [months.from.chosen], to: [months.to.chosen], [name]: [month] }),
    ))));

    const box = make("input");
    Object.assign(box, { type: "checkbox", role: "switch", checked: latest.chosen });
    box.addEventListener("change", () => ask({ latest: box.checked ? ["true"] : [], from: [], to: [] }));
    const toggle = make("label", "toggle");
    toggle.append(box, latest.label);
    const following = make("div", "following");
    following.append(toggle, explanation(latest.help));

    const compared = labelled(compare.label, compare.off, select(
      compare.label, compare.options, compare.chosen, Boolean(compare.off),
      (code) => ask({ compare: code === compare.options[0].code ? [] : [code] }),
    ));

    const back = make("button", "reset", reset.words);
    back.type = "button";
    asks(back, reset.asks);
    // Whoever goes through the filters by keyboard stays where they are.
    const had = [...this.rest.querySelectorAll("button, select, input")].indexOf(this.element.getRootNode().activeElement);
    this.rest.replaceChildren(groups, period, following, compared, back);
    if (had >= 0) this.rest.querySelectorAll("button, select, input")[had]?.focus();
  }
}

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector(".filters");
  const shown = filters.get(element) ?? new Filters(element);
  filters.set(element, shown);
  return showing(data, (content) => shown.show(content));
}
