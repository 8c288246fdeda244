// Prints the page, and says on each of its sheets what it is. The style sheet beside this file says how it looks there.

const quoted = (words) => JSON.stringify(words.replaceAll(/\s+/g, " "));
const sheet = new CSSStyleSheet();

// On paper a list stands beside what shows it on the screen.
const isShown = (place) => place.getRootNode().host.closest("[class*=st-key-paper-]").parentElement.checkVisibility();

// Lists of which the page has the first rows are printed with all: got now, and let go of afterwards.
async function printWhole(button, told, words) {
  const places = [...page.lists.keys()].filter(isShown);
  const letGo = () => places.forEach((place) => page.lists.get(place)?.first());
  const { textContent } = button.lastChild;
  told.textContent = "";
  if (places.length) {
    button.disabled = true;
    button.lastChild.textContent = words.getting;
    try {
      await Promise.all(places.map((place) => page.lists.get(place).all()));
    } catch (problem) {
      letGo();
      told.textContent = problem.message || words.away;
      return;
    } finally {
      button.disabled = false;
      button.lastChild.textContent = textContent;
    }
    window.addEventListener("afterprint", letGo, { once: true });
  }
  window.print();
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".print");
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  if (isDrawn(place, data)) return;
  const { title, told, label, ...words } = parsed(data);
  // The first sheet begins with both.
  sheet.replaceSync(`
    @page { @top-left { content: ${quoted(title)}; } @top-right { content: ${quoted(told)}; } }
    @page :first { @top-left { content: none; } @top-right { content: none; } }
  `);
  const button = make("button", "print-button"), problem = make("p", "print-problem");
  button.type = "button";
  problem.setAttribute("role", "alert");
  const icon = make("span", "print-icon", "print");
  icon.setAttribute("aria-hidden", "true");
  icon.setAttribute("translate", "no");
  button.append(icon, make("span", "", label));
  button.addEventListener("click", () => printWhole(button, problem, words));
  place.replaceChildren(button, problem);
}
