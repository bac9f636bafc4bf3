"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const form = document.querySelector(".filters");
  const list = $("list");
  const cases = [...list.querySelectorAll(".case")];
  const names = new Map(cases.map((one) => [one, one.querySelector(".name").textContent.toLowerCase()]));
  const rank = { error: 0, fail: 1, skip: 2, pass: 3 };
  form.hidden = false;

  const pressed = () => new Set([...form.querySelectorAll('.chip[aria-pressed="true"]')].map((chip) => chip.dataset.outcome));
  const filter = () => {
    const words = $("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const workflow = $("workflow").value;
    const outcomes = pressed();
    let shown = 0;
    for (const one of cases) {
      const name = names.get(one);
      const fits = outcomes.has(one.dataset.outcome)
        && (!workflow || one.dataset.workflow === workflow)
        && words.every((word) => name.includes(word));
      one.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    $("none").hidden = shown > 0;
    $("count").textContent = shown === cases.length ? `${shown} shown` : `${shown} of ${cases.length} shown`;
  };
  const order = () => {
    const by = $("order").value;
    const plan = (one, other) => one.dataset.plan - other.dataset.plan;
    const worst = (one, other) => rank[one.dataset.outcome] - rank[other.dataset.outcome] || plan(one, other);
    const slow = (one, other) => other.dataset.ns - one.dataset.ns || plan(one, other);
    list.append(...[...cases].sort({ worst, plan, slow }[by]));
  };
  $("text").addEventListener("input", filter);
  $("workflow").addEventListener("change", filter);
  $("order").addEventListener("change", order);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (chip) {
      chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") !== "true");
      filter();
    }
  });
  $("fold").addEventListener("click", () => {
    const shown = cases.filter((one) => !one.hidden);
    const open = shown.some((one) => !one.open);
    for (const one of shown) one.open = open;
    $("fold").textContent = open ? "Close all" : "Open all";
  });

  // A message and its arrow light up together.
  const light = (id, on) => {
    const message = $(id);
    if (message) message.classList.toggle("on", on);
    for (const arrow of document.querySelectorAll(`a.ev[href="#${CSS.escape(id)}"]`)) arrow.classList.toggle("on", on);
  };
  const target = (node) => {
    const arrow = node.closest && node.closest("a.ev, a.proof");
    if (arrow) return arrow.getAttribute("href").slice(1);
    const message = node.closest && node.closest(".message");
    return message ? message.id : null;
  };
  for (const [type, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    list.addEventListener(type, (event) => {
      const id = target(event.target);
      if (id) light(id, on);
    });
  }
  // An arrow opens its message where it stands: the page does not jump.
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a.ev, a.proof");
    if (link) {
      const message = $(link.getAttribute("href").slice(1));
      if (!message) return;
      event.preventDefault();
      message.open = link.matches(".proof") || !message.open;
      const panel = message.parentElement;
      if (panel.scrollHeight > panel.clientHeight) panel.scrollTop = message.offsetTop - panel.offsetTop - 8;
      else message.scrollIntoView({ block: "nearest" });
    }
    const copy = event.target.closest(".copy");
    if (copy) {
      const code = copy.previousElementSibling;
      const done = () => { copy.textContent = "Copied"; setTimeout(() => { copy.textContent = "Copy"; }, 1500); };
      const select = () => getSelection().selectAllChildren(code);
      if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, select);
      else select();
    }
  });
  for (const copy of list.querySelectorAll(".copy")) copy.hidden = false;

  // Messages are painted when they are first opened; their text stays what it is.
  const span = (kind, text) => {
    const made = document.createElement("span");
    made.className = kind;
    made.textContent = text;
    return made;
  };
  const json = (line) => {
    const [, indent, name, colon, value, comma] = line.match(/^(\s*)("(?:[^"\\]|\\.)*"(?=:))?(:? ?)(.*?)(,?)$/s);
    const kind = value.startsWith('"') ? "s" : /^[\[\]{}]/.test(value) || !value ? "p" : "n";
    return [indent, name ? span("k", name) : "", colon, span(kind, value), comma];
  };
  const hl7 = (line) => {
    const [, start, name, rest] = line.match(/^(␋?)([A-Z][A-Z0-9]{2}(?=\|))?(.*)$/s);
    return [span("p", start), span("k", name || ""), ...rest.split(/([|␍␜]+)/).map((part, at) => (at % 2 ? span("p", part) : part))];
  };
  const paint = (message) => {
    for (const code of message.querySelectorAll("code.json, code.hl7")) {
      const form = code.classList.contains("json") ? json : hl7;
      const painted = code.textContent.split("\n").flatMap((line, at) => [at ? "\n" : "", ...form(line)]);
      code.removeAttribute("class");
      code.replaceChildren(...painted.filter((part) => part !== ""));
    }
  };
  list.addEventListener("toggle", (event) => {
    if (event.target.matches(".message") && event.target.open) paint(event.target);
  }, true);
  for (const message of list.querySelectorAll(".message[open]")) paint(message);

  // A link to a case shows it, whatever is filtered.
  const reveal = () => {
    const id = location.hash.slice(1);
    const found = id && $(id);
    const one = found && found.closest(".case");
    if (!one) return;
    one.hidden = false;
    one.open = true;
    if (found !== one) found.open = true;
    found.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) {
      event.preventDefault();
      $("text").focus();
    } else if (event.key === "Escape" && document.activeElement === $("text")) {
      $("text").value = "";
      filter();
    }
  });
  addEventListener("beforeprint", () => {
    for (const one of cases) if (one.dataset.outcome === "fail" || one.dataset.outcome === "error") one.open = true;
  });
  filter();
  if (location.hash) reveal();
  else if (cases.length && cases[0].dataset.outcome === "fail") cases[0].open = true;
})();
