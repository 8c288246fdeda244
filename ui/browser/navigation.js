// The ways to the pages and to the meeting-room screen, and between light and dark.

// Names of so few characters stand two in a row.
const SHORT = 4;

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

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".navigation");
  if (isDrawn(place, data)) return;
  const { pages, screen, theme, account } = parsed(data);
  const ways = make("nav", pages.every(({ words }) => words.length <= SHORT) ? "short" : "");
  for (const { path, icon, words, query, current } of pages) {
    const link = entry("a", icon, words);
    if (current) link.setAttribute("aria-current", "page");
    lead(link, path, query);
    ways.append(link);
  }
  const link = entry("a", screen.icon, screen.words);
  link.target = "_blank";
  aim(link, screen.path, "");
  place.replaceChildren(ways, link, themeSwitch(theme), ...(account ? [accountWays(account)] : []));
}
