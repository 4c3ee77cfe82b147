"use strict";
const at = (id) => document.getElementById(id);
const state = { items: [], item: null, place: 0 };

function element(kind, text, attributes = {}) {
  const made = document.createElement(kind);
  made.textContent = text ?? "";
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

async function ask(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function say(text) { at("message").textContent = text; }

async function list() {
  state.items = await ask("items");
  at("items").replaceChildren(...state.items.map((one) => {
    const told = `${one.name} · ${one.emotion ?? "no label"} · ${one.decided}/${one.sentences}${one.disputed ? " · disputed" : ""}`;
    const button = element("button", told, { "data-name": one.name, "aria-current": one.name === state.item?.name });
    button.onclick = () => open(one.name);
    return button;
  }));
  const told = await ask("agreement");
  const bounds = told["alpha_raters.low"] === undefined ? "" :
    ` (${told["alpha_raters.low"].toFixed(3)} to ${told["alpha_raters.high"].toFixed(3)})`;
  at("agreement").textContent = told.alpha_raters === undefined ? `α: ${told.status}` :
    `α ${told.alpha_raters.toFixed(3)}${bounds} · ${told.reviewers.length} reviewers · ${told.disputed} disputed`;
}

async function open(name) {
  const same = state.item?.name === name;
  state.item = await ask(`items/${encodeURIComponent(name)}`);
  if (!same) {
    state.place = 0;
    const has = state.items.find((one) => one.name === name)?.media;
    at("clip").hidden = !has;
    if (has) at("clip").src = `media/${encodeURIComponent(name)}`; else at("clip").removeAttribute("src");
  }
  location.hash = encodeURIComponent(name);
  show();
  await list();
}

function show() {
  const item = state.item;
  at("title").textContent = `${item.name}: ${item.emotion ?? "no label"}`;
  at("words").textContent = item.words ? `Said: ${item.words}` : "";
  at("aware").textContent = item.aware ? `With the label: ${item.aware}` : "";
  const lanes = { face: 0, audio: 1, text: 2, video: 3 };
  at("timeline").replaceChildren(...item.findings.map((one) => {
    const mark = element("i", "", { class: one.modality, title: `${one.text} · ${one.detector}` });
    mark.style.left = `${100 * one.start / item.duration}%`;
    mark.style.width = `${100 * Math.max(0, one.end - one.start) / item.duration}%`;
    mark.style.top = `${lanes[one.modality] * 1.1}rem`;
    return mark;
  }), element("i", "", { class: "now", id: "now" }));
  at("sentences").replaceChildren(...item.sentences.map((one, number) => {
    const row = element("li", "", { "aria-current": number === state.place, "data-sentence": number });
    row.append(element("span", one.text, one.cut ? { class: "cut" } : {}));
    const clauses = one.clauses.map((clause) =>
      `${clause.text} (${clause.verdict}, ${clause.start.toFixed(1)} to ${clause.end.toFixed(1)} s)`).join("; ");
    row.append(element("small", `${one.verdict}${clauses ? `: ${clauses}` : ""}${one.cut ? ` · cut: ${one.cut}` : ""}`, { class: one.verdict }));
    for (const decision of one.decisions) {
      const who = decision.adjudicates ? `${decision.by}, settled` : decision.by;
      row.append(element("small", `${who}: ${decision.action}${decision.text ? ` → ${decision.text}` : ""}`, { class: "decision" }));
    }
    row.onclick = () => { state.place = number; show(); };
    return row;
  }));
}

async function decide(action, text = "") {
  const by = at("by").value.trim();
  if (!by) { say("Your name comes first."); at("by").focus(); return; }
  try {
    await ask("decisions", { item: state.item.name, sentence: state.place, action, text, by, adjudicates: at("adjudicates").checked });
    say("");
    await open(state.item.name);
    document.body.dataset.saved = String(Number(document.body.dataset.saved ?? 0) + 1);
  } catch (error) { say(`Not saved: ${error.message}`); }
}

function edit() {
  const row = at("sentences").children[state.place];
  const box = element("textarea", state.item.sentences[state.place].text, { "aria-label": "The sentence as it should be" });
  box.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") { event.preventDefault(); decide("edit", box.value); }
    if (event.key === "Escape") show();
  };
  row.append(box);
  box.focus();
}

function move(step) {
  state.place = Math.min(Math.max(0, state.place + step), state.item.sentences.length - 1);
  show();
}

function turn(step) {
  const place = state.items.findIndex((one) => one.name === state.item.name) + step;
  if (state.items[place]) open(state.items[place].name);
}

const keys = {
  j: () => move(1), k: () => move(-1), a: () => decide("accept"), r: () => decide("reject"), e: edit,
  n: () => turn(1), p: () => turn(-1),
  t: () => { const [first] = state.item.sentences[state.place].clauses; if (first) at("clip").currentTime = first.start; },
  " ": () => { const clip = at("clip"); clip.paused ? clip.play() : clip.pause(); },
};

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, video") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (keys[event.key] && state.item) { event.preventDefault(); keys[event.key](); }
});
at("clip").ontimeupdate = () => {
  const now = at("now");
  if (now && state.item) now.style.left = `${100 * at("clip").currentTime / state.item.duration}%`;
};
at("by").value = localStorage.getItem("affekt-reviewer") ?? "";
at("by").onchange = () => localStorage.setItem("affekt-reviewer", at("by").value.trim());
list().then(() => {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const first = state.items.find((one) => one.name === wanted) ?? state.items[0];
  if (first) open(first.name);
}).catch((error) => say(error.message));
