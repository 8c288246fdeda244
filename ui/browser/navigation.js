// The ways to the pages and to the meeting-room screen, and between light and dark.

// Names of so few characters stand two in a row: of Chinese ones, and of letters.
const SHORT = { "zh-CN": 4, en: 10 };

function entry(tag, icon, words) {
  const made = make(tag, "entry");
  const picture = make("span", "icon", icon);
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("translate", "no");
  made.append(picture, words);
  return made;
}

// Streamlit keeps the viewer's theme in the browser, once for each page's path; it has no call to change
// it from a script. The version in the key is Streamlit's; a browser test notices when it changes.
function themeSwitch({ dark, label, paths }) {
  const button = entry("button", dark ? "light_mode" : "dark_mode", label);
  button.type = "button";
  button.addEventListener("click", () => {
    const base = window.location.pathname.replace(/[^/]*$/, "");
    for (const path of paths) {
      window.localStorage.setItem(`stActiveTheme-${base}${path}-v2`, JSON.stringify(dark ? "Light" : "Dark"));
    }
    window.location.reload();
  });
  return button;
}

// Who is signed in, and the ways to pages that are not Streamlit's.
function accountWays({ name, label, ways, query }) {
  const made = make("div", "account");
  const who = make("span", "who", name);
  who.title = label;
  made.append(who);
  for (const { path, icon, words } of ways) {
    const link = entry("a", icon, words);
    aim(link, path, query);
    made.append(link);
  }
  return made;
}

const NAMES = ["aria-label", "title", "placeholder"];
const TOLD = "[data-testid=stSkipToContent], [data-testid=stTooltipContent] p";
const ICONS = "[role=img][aria-label$=' icon']";

// What Streamlit says in English alone, most of it to those who do not see the page, in the page's language.
class Speech {
  constructor() {
    this.observer = new MutationObserver((changes) => changes.forEach(({ target, type, addedNodes }) => {
      if (type === "attributes") this.translate(target);
      else addedNodes.forEach((node) => node.nodeType === Node.ELEMENT_NODE && this.translateAll(node));
    }));
    this.observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: NAMES });
  }

  speak(language, words) {
    document.documentElement.lang = language;
    const isEnglish = language === "en";
    this.phrases = Object.entries(words).map((pair) => {
      const [from, to] = isEnglish ? pair.toReversed() : pair;
      const [before, after] = from.split("{}");
      return { before, after, to };
    });
    this.translateAll(document.body);
  }

  told(words) {
    for (const { before, after, to } of this.phrases) {
      if (after === undefined ? words === before : words.startsWith(before) && words.endsWith(after)) {
        return to.replace("{}", words.slice(before.length, after ? -after.length : undefined));
      }
    }
    return words;
  }

  translate(element) {
    for (const name of NAMES) {
      const words = element.getAttribute(name);
      if (words && this.told(words) !== words) element.setAttribute(name, this.told(words));
    }
    if (element.matches(TOLD) && this.told(element.textContent) !== element.textContent) element.textContent = this.told(element.textContent);
    // A picture beside words
    if (element.matches(ICONS)) element.setAttribute("aria-hidden", "true");
  }

  translateAll(element) {
    this.translate(element);
    element.querySelectorAll(`${NAMES.map((name) => `[${name}]`)}, ${TOLD}`).forEach((one) => this.translate(one));
  }
}

const REACHED = "a[href], button, input, select, textarea, [tabindex]";
const reached = (within) => [...within.querySelectorAll(REACHED)]
  .find((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility() && !one.closest("[data-testid=stElementToolbar]"));

// Where the keyboard goes on when what had the focus is gone or cannot be pressed any more: browsers lose it, and show it nowhere.
class Focus {
  constructor() {
    document.addEventListener("keydown", () => { this.isByKey = true; }, true);
    document.addEventListener("pointerdown", () => { this.isByKey = false; }, true);
    document.addEventListener("focusin", ({ target }) => this.remember(target));
    // What is taken out may be put in again before the next frame is drawn.
    this.observer = new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => this.mend())));
    this.observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  }

  // A pointer shows where it is; what floats over the page, and lists, which are drawn on a canvas, see to it themselves.
  remember(target) {
    const isOurs = this.isByKey && target.closest("[data-testid=stMain]") && !target.closest("canvas");
    this.had = isOurs ? target : undefined;
    this.path = window.location.pathname;
    // Where in each part of the page it stands, from the innermost out
    this.places = [];
    for (let one = target; isOurs && one !== document.body; one = one.parentElement) {
      this.places.push([one.parentElement, [...one.parentElement.children].indexOf(one)]);
    }
  }

  mend() {
    if (!this.had || (this.had.isConnected && !this.had.disabled)) return;
    // What cannot be pressed any more keeps the focus until the browser comes to see to it.
    if ([document.body, this.had].includes(document.activeElement)) this.next()?.focus();
  }

  next() {
    // On another page it begins at the top, which may be drawn anew while the page is.
    if (window.location.pathname !== this.path || this.had.matches("h1")) {
      const title = document.querySelector("[data-testid=stMain] h1");
      if (title) title.tabIndex = -1;
      return title;
    }
    if (this.had.isConnected) {
      const all = [...(this.had.closest(".stHorizontalBlock") ?? document).querySelectorAll("button")], at = all.indexOf(this.had);
      return all[at + 1]?.disabled === false ? all[at + 1] : all.slice(0, at).reverse().find((one) => !one.disabled);
    }
    // What stands there now, or after it
    const [part, at] = this.places.find(([part]) => part?.isConnected) ?? [];
    return [...(part?.children ?? [])].slice(at).map(reached).find(Boolean);
  }
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".navigation");
  // What lies over the page, such as dialogs, is dark with it. This runs again when the theme changes.
  document.documentElement.style.colorScheme = getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme;
  if (isDrawn(place, data)) return;
  const { pages, screen, theme, account, language, words } = parsed(data);
  (page.speech ??= new Speech()).speak(language, words);
  page.focus ??= new Focus();
  const isShort = pages.every(({ words }) => words.length <= SHORT[language]);
  const ways = make("nav", isShort ? `short${language === "en" ? " letters" : ""}` : "");
  for (const { path, icon, words, query, current } of pages) {
    const link = entry("a", icon, words);
    if (current) link.setAttribute("aria-current", "page");
    lead(link, path, query);
    ways.append(link);
  }
  const link = entry("a", screen.icon, screen.words);
  link.target = "_blank";
  aim(link, screen.path, "");
  // Whoever has followed a link by key stays there.
  const had = [...place.querySelectorAll(".entry")].indexOf(place.getRootNode().activeElement);
  place.replaceChildren(ways, link, themeSwitch(theme), ...(account ? [accountWays(account)] : []));
  place.querySelectorAll(".entry")[had]?.focus({ preventScroll: true });
}
