// Prints the page, and says on each of its sheets what it is. The style sheet beside this file says how it looks there.

const quoted = (words) => JSON.stringify(words.replaceAll(/\s+/g, " "));
const sheet = new CSSStyleSheet();

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".print");
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  if (isDrawn(place, data)) return;
  const { title, told, label } = parsed(data);
  // The first sheet begins with both.
  sheet.replaceSync(`
    @page { @top-left { content: ${quoted(title)}; } @top-right { content: ${quoted(told)}; } }
    @page :first { @top-left { content: none; } @top-right { content: none; } }
  `);
  const button = make("button", "print-button");
  button.type = "button";
  const icon = make("span", "print-icon", "print");
  icon.setAttribute("aria-hidden", "true");
  icon.setAttribute("translate", "no");
  button.append(icon, label);
  button.addEventListener("click", () => window.print());
  place.replaceChildren(button);
}
