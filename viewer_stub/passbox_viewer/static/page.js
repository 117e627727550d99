// Scrolling and windowing on the study page. Without it the page works by links; it decides nothing.
"use strict";

(() => {
  const stage = document.getElementById("stage");
  if (stage) viewer(stage);
  const card = document.getElementById("forward");
  if (card && card.dataset.running) follow(card);

  function viewer(stage) {
    const pictures = stage.dataset.pictures.split(" ");
    const image = document.getElementById("picture");
    const slider = document.getElementById("slider");
    const position = document.getElementById("position");
    const level = document.getElementById("level");
    const presets = [...document.querySelectorAll("[data-preset]")];
    const own = pair(stage.dataset.ownCenter, stage.dataset.ownWidth);
    const cache = new Map();
    let at = Number(stage.dataset.at);
    let shown = pair(stage.dataset.center, stage.dataset.width);
    let current = image;

    function pair(center, width) {
      return center === undefined ? null : { center: Number(center), width: Number(width) };
    }

    function address(index) {
      const [number, frame] = pictures[index].split(".");
      const query = new URLSearchParams({ size: stage.dataset.size });
      if (frame) query.set("frame", frame);
      if (shown) { query.set("center", shown.center); query.set("width", shown.width); }
      return `${stage.dataset.base}/images/${number}.png?${query}`;
    }

    // Pictures stay in memory while the page is open: nothing is kept on a shared computer's disk.
    function load(index) {
      const url = address(index);
      let entry = cache.get(url);
      if (!entry) {
        const element = new Image();
        element.draggable = false;
        element.alt = "";
        const ready = new Promise((resolve) => { element.onload = element.onerror = resolve; });
        element.src = url;
        entry = { element, ready };
        if (cache.size > 400) cache.delete(cache.keys().next().value);
        cache.set(url, entry);
      }
      return entry;
    }

    let wanted = 0;
    let busy = false;
    function draw() {
      wanted += 1;
      label();
      if (!busy) catchUp();
    }
    async function catchUp() {
      busy = true;
      for (let seen = -1; seen !== wanted;) {
        seen = wanted;
        const entry = load(at);
        await entry.ready;
        entry.element.id = "picture";
        current.replaceWith(entry.element);
        current = entry.element;
        current.alt = position.textContent;
      }
      busy = false;
      for (const near of [1, -1, 2, -2, 3]) {
        if (pictures[at + near] !== undefined) load(at + near);
      }
    }

    function label() {
      position.textContent = stage.dataset.positionText
        .replace("{at}", at + 1).replace("{of}", pictures.length);
      const window = shown || own;
      level.textContent = window ? stage.dataset.windowText
        .replace("{center}", window.center).replace("{width}", window.width) : "";
      slider.value = at + 1;
      const unseen = stage.querySelector(".unseen"); // said of the first picture only
      if (unseen) unseen.hidden = at !== Number(stage.dataset.at);
      for (const preset of presets) {
        const same = preset.dataset.preset === (shown ? `${shown.center} ${shown.width}` : "");
        if (same) preset.setAttribute("aria-current", "true");
        else preset.removeAttribute("aria-current");
      }
    }

    function go(index) {
      const next = Math.min(pictures.length - 1, Math.max(0, index));
      if (next !== at) { at = next; draw(); }
    }

    const keys = {
      ArrowDown: () => go(at + 1), ArrowRight: () => go(at + 1),
      ArrowUp: () => go(at - 1), ArrowLeft: () => go(at - 1),
      PageDown: () => go(at + 10), PageUp: () => go(at - 10),
      Home: () => go(0), End: () => go(pictures.length - 1),
    };
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, button, summary, textarea");
      if (!keys[event.key] || typing || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });

    let rolled = 0;
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      rolled += event.deltaMode === 0 ? event.deltaY / 40 : event.deltaY;
      const steps = Math.trunc(rolled);
      rolled -= steps;
      if (steps) go(at + Math.sign(steps) * Math.min(5, Math.abs(steps)));
    }, { passive: false });

    if (pictures.length > 1) {
      slider.hidden = false;
      slider.addEventListener("input", () => go(Number(slider.value) - 1));
    }
    for (const [id, step] of [["previous", -1], ["next", 1]]) {
      document.getElementById(id).addEventListener("click", (event) => {
        event.preventDefault();
        go(at + step);
      });
    }
    for (const preset of presets) {
      preset.addEventListener("click", (event) => {
        event.preventDefault();
        const values = preset.dataset.preset.split(" ");
        shown = preset.dataset.preset ? pair(values[0], values[1]) : null;
        draw();
      });
    }

    let drag = null;
    stage.addEventListener("pointerdown", (event) => {
      const start = shown || own;
      if (!start || event.button !== 0) return;
      stage.setPointerCapture(event.pointerId);
      drag = { x: event.clientX, y: event.clientY, start, speed: start.width / 400 };
    });
    stage.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const width = drag.start.width + (event.clientX - drag.x) * drag.speed;
      const center = drag.start.center + (event.clientY - drag.y) * drag.speed;
      shown = { center: Number(center.toPrecision(4)), width: Number(Math.max(drag.start.width / 1000, width).toPrecision(4)) };
      draw();
    });
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { drag = null; });
    load(at);
    for (const near of [1, -1, 2]) if (pictures[at + near] !== undefined) load(at + near);
  }

  // While images are on their way to the PACS: a new count every second, a new page at the end.
  async function follow(card) {
    const bar = card.querySelector("progress");
    for (;;) {
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
      try {
        const answer = await fetch(card.dataset.running, { cache: "no-store" });
        const progress = await answer.json();
        if (!progress.running) { location.replace(location.pathname + location.search); return; }
        if (bar) bar.value = progress.sent;
        bar.nextElementSibling.textContent = progress.text;
      } catch { /* a pause in the network: ask again */ }
    }
  }
})();
