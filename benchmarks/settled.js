// When the parts of a page (charts, cards, tables, what needs attention) have last changed, in shadow roots too. Times are
// milliseconds since navigation.
(() => {
  if (window.top !== window) return;
  const CHART = ".js-plotly-plot", DRAWN = ".cartesianlayer path, .cartesianlayer image";
  const PART = `${CHART}, .kpi_cards, .league_table, .attention`;
  // What has not come after so long a silence is drawn only when it is looked at.
  const QUIET = 150, LAZY = 4000;
  const roots = new Set();
  const changed = new Map();
  const state = { click: 0, armed: false, page: 0, sent: 0, answered: 0, received: 0, bytes: 0 };

  const enclosing = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    return element && element.closest(PART);
  };
  const note = (part) => changed.set(part, state.page);
  const observer = new MutationObserver((mutations) => {
    state.page = performance.now();
    for (const { target, addedNodes } of mutations) {
      const part = enclosing(target);
      if (part) note(part);
      else for (const node of addedNodes)
        if (node.nodeType === 1) {
          if (node.matches(PART)) note(node);
          node.querySelectorAll(PART).forEach(note);
        }
    }
  });
  const watch = (root) => {
    roots.add(root);
    observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  };
  watch(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  // What is painted on a canvas, such as a table, changes no node.
  for (const name of ["fillRect", "fillText", "clearRect", "drawImage"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...values) {
      if (this.canvas.isConnected) state.page = performance.now();
      return draw.apply(this, values);
    };
  }
  window.WebSocket = class extends WebSocket {
    constructor(...values) {
      super(...values);
      this.addEventListener("message", ({ data }) => {
        state.received = performance.now();
        state.answered ||= state.sent && state.received;
        state.bytes += data.byteLength ?? data.size ?? data.length;
      });
    }
    send(data) {
      state.sent ||= performance.now();
      super.send(data);
    }
  };
  // The end of the press is the moment of its click; plotly keeps the click itself from the page.
  addEventListener("pointerup", (event) => {
    if (!state.armed || !event.isTrusted) return;
    Object.assign(state, { armed: false, click: event.timeStamp, sent: 0, answered: 0, received: 0, bytes: 0 });
    changed.clear();
  }, true);

  const busy = () => {
    const app = document.querySelector("[data-testid=stApp]");
    // What Streamlit was asked may still change what is drawn already.
    const isAsked = state.sent && !state.answered;
    return app && (isAsked || app.dataset.testScriptState !== "notRunning");
  };
  const inWindow = (part) => {
    const { top, bottom, width, height } = part.getBoundingClientRect();
    return width && height && bottom > 0 && top < innerHeight;
  };
  const last = (parts) => Math.max(0, ...parts.map((part) => changed.get(part)));
  window.benchmark = {
    arm() {
      Object.assign(state, { armed: true, click: 0 });
    },
    // Once so many charts are drawn, and so many other parts (after a click: have changed since), and all is quiet; null
    // before. "first" is of the parts in the window; "parts", of all, is null where some are not drawn unseen.
    settled(charts, others) {
      const silence = performance.now() - state.page;
      if (state.armed || busy() || silence < QUIET) return null;
      const parts = [...changed.keys()].filter((part) => part.isConnected);
      const drawn = parts.filter((part) => part.matches(CHART) && part.querySelector(DRAWN));
      const further = parts.filter((part) => !part.matches(CHART) && part.firstElementChild);
      const complete = drawn.length >= charts && further.length >= others;
      if (!complete && (silence < LAZY || !drawn.length)) return null;
      const since = (moment) => moment && moment - state.click;
      const seen = [...drawn, ...further];
      const times = { first: last(seen.filter(inWindow)), parts: complete ? last(seen) : null, page: state.page };
      for (const name of ["sent", "answered", "received"]) times[name] = state[name];
      return { ...Object.fromEntries(Object.entries(times).map(([name, t]) => [name, since(t)])), bytes: state.bytes };
    },
  };
})();
