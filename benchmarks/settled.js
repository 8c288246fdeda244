// When the charts of a page have last changed, in shadow roots too. Times are milliseconds since navigation.
(() => {
  if (window.top !== window) return;
  const CHART = ".js-plotly-plot", DRAWN = ".cartesianlayer path, .cartesianlayer image", QUIET = 150;
  const roots = new Set();
  const changed = new Map();
  const state = { click: 0, armed: false, charts: 0, page: 0, sent: 0, answered: 0, received: 0, bytes: 0 };

  const enclosing = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    return element && element.closest(CHART);
  };
  const charts = () => [...roots].flatMap((root) => [...root.querySelectorAll(CHART)]).filter((e) => e.isConnected);
  const note = (chart) => {
    changed.set(chart, state.page);
    state.charts = state.page;
  };
  const observer = new MutationObserver((mutations) => {
    state.page = performance.now();
    for (const { target, addedNodes } of mutations) {
      const chart = enclosing(target);
      if (chart) note(chart);
      else for (const node of addedNodes)
        if (node.nodeType === 1) {
          if (node.matches(CHART)) note(node);
          node.querySelectorAll(CHART).forEach(note);
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
    return app && app.dataset.testScriptState !== "notRunning";
  };
  window.benchmark = {
    arm() {
      Object.assign(state, { armed: true, click: 0 });
    },
    charts,
    // Once this many charts are drawn (after a click: have changed since) and all is quiet; null before.
    settled(count) {
      if (state.armed || busy()) return null;
      const drawn = charts().filter((chart) => changed.has(chart) && chart.querySelector(DRAWN));
      if (drawn.length < count || performance.now() - state.page < QUIET) return null;
      const since = (moment) => moment && moment - state.click;
      const times = { charts: state.charts, page: state.page, sent: state.sent, answered: state.answered, received: state.received };
      return { ...Object.fromEntries(Object.entries(times).map(([name, t]) => [name, since(t)])), bytes: state.bytes };
    },
  };
})();
