// Townships with their places; a heading sorts, a row is clicked to filter.

// Values of a column in order, those that are missing last.
function compare(first, second) {
  if (first === second) return 0;
  if (first === null) return 1;
  if (second === null) return -1;
  return first < second ? -1 : 1;
}

class League {
  constructor(element) {
    this.element = element;
  }

  show(data) {
    if (isDrawn(this.element, data)) return;
    Object.assign(this, parsed(data));
    this.draw();
  }

  sortBy(column) {
    this.descending = this.sorted === column && !this.descending;
    this.sorted = column;
    this.draw(true);
  }

  inOrder() {
    if (this.sorted === undefined || this.sorted >= this.columns.length) return this.rows;
    const of = (row) => row.sort[this.sorted];
    return this.rows.toSorted((a, b) => {
      if (of(a) === null || of(b) === null) return compare(of(a), of(b));
      return this.descending ? compare(of(b), of(a)) : compare(of(a), of(b));
    });
  }

  draw(isSorting = false) {
    const scrolled = this.frame?.scrollTop ?? 0;
    const table = make("table");
    table.setAttribute("aria-label", this.title);
    table.style.setProperty("--columns", this.columns.length);
    const heading = make("tr");
    this.columns.forEach(({ title, number, help }, index) => {
      const cell = make("th", number ? "number" : "");
      const mark = this.sorted === index ? (this.descending ? " ↓" : " ↑") : "";
      cell.setAttribute("aria-sort", !mark ? "none" : this.descending ? "descending" : "ascending");
      const button = make("button", "", title + mark);
      if (help) button.title = help;
      button.addEventListener("click", () => this.sortBy(index));
      cell.append(button);
      heading.append(cell);
    });
    const head = make("thead");
    head.append(heading);
    const body = make("tbody");
    // What a press anywhere on the row does, the button in it does by key.
    const named = Math.max(this.columns.findIndex(({ number }) => !number), 0);
    for (const row of this.inOrder()) {
      const line = make("tr", row.key === this.chosen ? "chosen" : row.hatched ? "hatched" : "");
      if (row.way) line.addEventListener("click", () => follow(address(row.way.path, row.way.query)));
      else asks(line, row.asks);
      row.cells.forEach((text, index) => {
        const { number, wide } = this.columns[index];
        const words = index === named ? make("button", "name", text) : row.tones?.[index] ? make("span", `tone ${row.tones[index]}`, text) : text;
        const cell = make("td", number ? "number" : wide ? "wide" : "");
        cell.append(words);
        if (index === named && row.key === this.chosen) words.setAttribute("aria-current", "true");
        if (row.decide && index === row.cells.length - 1) cell.append(opener(row.decide));
        line.append(cell);
      });
      body.append(line);
    }
    table.append(head, body);
    this.frame = make("div", "frame");
    this.frame.append(table);
    const title = make("h2", "title");
    signed(title, this.title, this.explore && opener(this.explore));
    this.element.replaceChildren(title, this.frame, make("p", "quiet", this.note));
    if (isSorting) this.frame.scrollTop = 0;
    else this.frame.scrollTop = scrolled;
  }
}

const leagues = new WeakMap();

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector(".league_table");
  const league = leagues.get(element) ?? new League(element);
  leagues.set(element, league);
  return showing(data, (content) => league.show(content));
}
