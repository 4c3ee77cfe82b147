// The page of the studio. What is shown comes from /v1 alone; every text is set as text, never as HTML.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const open = { id: "", view: null, job: null };

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && name !== "style") element[name] = value;
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) {
    const error = (await answer.json().catch(() => ({}))).error ?? { message: `status ${answer.status}` };
    throw new Error(error.message + (error.try ? ` Try: ${error.try}` : ""));
  }
  return answer.status === 204 ? null : answer.json();
}

const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function say(text, where = "message") {
  $(where).textContent = text;
}

const clock = (seconds) => {
  const tenths = Math.round(seconds * 10); // 1.2 is a little less than that as a binary number
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
};

// What is offered

let pipelines = [];

async function offer() {
  const [listed, components, limits, formats, reviews, examples] = await Promise.all(
    ["pipelines", "components", "limits", "formats", "reviews", "examples"].map((name) => ask(`/v1/${name}`)));
  pipelines = listed;
  for (const id of ["pipeline", "other"]) {
    $(id).replaceChildren(...listed.map((one) => make("option", { value: one.name }, one.name)));
  }
  $("kept").textContent =
    `Recordings and results are seen by this browser alone and removed ${Math.round(limits.kept_seconds / 60)} minutes after the analysis.`;
  $("exports").dataset.formats = JSON.stringify(formats);
  $("all-format").replaceChildren(...formats.map((format) => make("option", { value: format.name }, format.name)));
  $("all-format").onchange = () => { $("all").href = `/v1/exports/${$("all-format").value}`; };
  $("all-format").onchange();
  for (const [section, links, entries] of [["reviews", "review-list", reviews], ["examples", "example-list", examples]]) {
    $(section).hidden = !entries.length;
    $(links).replaceChildren(...entries.map((one) => make("li", {}, make("a", { href: one.address }, one.name))));
  }
  const tellsApart = components.some((one) => one.name === "speaker-turns");
  for (const element of document.querySelectorAll("[data-people]")) element.hidden = !tellsApart;
  const swaps = (from, into) => {
    const chosen = listed.find((one) => one.name === $(from).value);
    $(into).replaceChildren(...chosen.slots.filter((slot) => slot.role !== "speaker").map((slot) => {
      const names = components.filter((one) => one.role === slot.role).map((one) => one.name);
      const select = make("select", { "data-slot": slot.slot }, make("option", { value: "" }, `${slot.component} (as it is)`),
        slot.role === "reasoner" ? null : make("option", { value: "\0" }, "none"),
        ...names.filter((name) => name !== slot.component).map((name) => make("option", { value: name }, name)));
      return make("label", {}, slot.slot, select);
    }));
  };
  for (const [from, into] of [["pipeline", "slots"], ["other", "other-slots"]]) {
    $(from).onchange = () => swaps(from, into);
    swaps(from, into);
  }
}

function swapped(slots) {
  const changes = {};
  for (const select of $(slots).querySelectorAll("select")) {
    if (select.value) changes[select.dataset.slot] = select.value === "\0" ? null : select.value;
  }
  return changes;
}

function settings() {
  const people = $("people").value;
  return { ...swapped("slots"), ...(people && { people: "speaker-turns" }), ...(Number(people) && { "people.people": Number(people) }) };
}

// Recordings in

async function upload(file, name) {
  const form = new FormData();
  form.append("pipeline", $("pipeline").value);
  form.append("settings", JSON.stringify(settings()));
  form.append("file", file, name);
  say(`${name} is uploaded…`);
  const job = await ask("/v1/analyses", { method: "POST", body: form });
  say(`${name} is queued.`);
  return job;
}

$("upload").onsubmit = async (event) => {
  event.preventDefault();
  const files = [...$("files").files];
  if (!files.length) return say("Choose a recording first, or record one.");
  let last = null;
  for (const file of files) {
    try { last = await upload(file, file.name); } catch (error) { say(`${file.name}: ${error.message}`); }
  }
  await list();
  if (last && files.length === 1) show(last.id);
};

let recorder = null;

async function record(video) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    const pieces = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      $("preview").srcObject = null;
      $("preview").hidden = $("record-stop").hidden = true;
      $("record-video").hidden = $("record-audio").hidden = false;
      const kind = recorder.mimeType.split(";")[0].split("/")[1] || "webm";
      try {
        const job = await upload(new Blob(pieces, { type: recorder.mimeType }), `recording.${kind}`);
        await list();
        show(job.id);
      } catch (error) { say(error.message); }
    };
    if (video) {
      $("preview").srcObject = stream;
      $("preview").hidden = false;
      $("preview").play();
    }
    recorder.start(500);
    $("record-stop").hidden = false;
    $("record-video").hidden = $("record-audio").hidden = true;
    $("record-stop").focus();
    say("Recording…");
  } catch (error) { say(`Nothing can be recorded: ${error.message}`); }
}

$("record-video").onclick = () => record(true);
$("record-audio").onclick = () => record(false);
$("record-stop").onclick = () => recorder.stop();

// Live: sound as P messages, a picture five times a second as J messages

let live = null;
const PICTURE_MS = 200;

async function startLive() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/live`);
    live = { stream, socket };
    $("live-start").hidden = true;
    $("live-stop").hidden = false;
    $("live-log").replaceChildren();
    say("The models are loaded…", "live-now");
    socket.onopen = () => socket.send(JSON.stringify({ type: "start", pipeline: $("pipeline").value, settings: swapped("slots") }));
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = endLive;
  } catch (error) { say(`Nothing can be seen or heard: ${error.message}`, "live-now"); }
}

async function heard(answer) {
  if (answer.type === "ready") return feed();
  if (answer.type === "error") return say(answer.error.message, "live-now");
  if (answer.type === "end") return say(`${answer.seconds} s: ${answer.answers} answers, ${answer.skipped} skipped, median delay ${answer.median_delay} s.`, "live-now");
  const felt = answer.label ? `${answer.label} ${Math.round(answer.scores[answer.label] * 100)} %` : `nothing claimed: ${answer.abstained}`;
  say(`${felt} (${answer.delay.toFixed(1)} s late)`, "live-now");
  $("live-log").prepend(make("li", {}, `${clock(answer.at)} ${felt}`));
  if ($("live-log").children.length > 10) $("live-log").lastChild.remove();
}

async function feed() {
  const { stream, socket } = live;
  const send = (letter, data) => socket.readyState === WebSocket.OPEN && socket.send(new Blob([letter, data]));
  live.sound = new AudioContext({ sampleRate: 16000 });
  await live.sound.audioWorklet.addModule("/page/pcm.js");
  const worklet = new AudioWorkletNode(live.sound, "pcm", { numberOfOutputs: 0 });
  worklet.port.onmessage = (event) => send("P", event.data);
  live.sound.createMediaStreamSource(stream).connect(worklet);
  const preview = $("live-preview");
  preview.srcObject = stream;
  preview.hidden = false;
  await preview.play();
  const canvas = document.createElement("canvas");
  live.timer = setInterval(() => {
    [canvas.width, canvas.height] = [preview.videoWidth, preview.videoHeight];
    if (!canvas.width) return;
    canvas.getContext("2d").drawImage(preview, 0, 0);
    canvas.toBlob((blob) => blob && send("J", blob), "image/jpeg", 0.8);
  }, PICTURE_MS);
  say("Listening…", "live-now");
}

function endLive() {
  if (!live) return;
  clearInterval(live.timer);
  live.sound?.close();
  live.stream.getTracks().forEach((track) => track.stop());
  live = null;
  $("live-preview").hidden = $("live-stop").hidden = true;
  $("live-start").hidden = false;
}

$("live-start").onclick = startLive;
$("live-stop").onclick = () => {
  clearInterval(live?.timer);
  if (live?.socket.readyState === WebSocket.OPEN) live.socket.send(JSON.stringify({ type: "stop" }));
  else endLive();
};

// The list

let jobs = [];
let sorting = { column: "", down: false };
const felt = (job) => job.error?.message ?? job.outcome?.label ?? (job.outcome ? `nothing claimed: ${job.outcome.abstained}` : "");
const changed = (job) => Object.entries(job.settings).map(([slot, use]) => `${slot}: ${use ?? "none"}`);
const COLUMNS = {
  Recording: (job) => job.name,
  Pipeline: (job) => [job.pipeline ?? pipelines[0].name, ...changed(job)].join(", "),
  State: (job) => job.state,
  Felt: felt,
  Probability: (job) => (job.outcome?.score == null ? "" : `${Math.round(job.outcome.score * 100)} %`),
  Length: (job) => (job.outcome ? clock(job.outcome.duration) : ""),
};
const PALETTE = ["#3f78c4", "#d07a1f", "#2f9a57", "#7d5bd0", "#c2414b", "#8a7a2a", "#2a8a8a", "#b0569a", "#6b7280", "#4b5563"];

async function list() {
  jobs = await ask("/v1/analyses");
  tabulate();
  if (jobs.some((job) => ["queued", "running"].includes(job.state))) setTimeout(list, 1500);
}

function tabulate() {
  $("empty").hidden = jobs.length > 0;
  $("of-all").hidden = $("list").hidden = jobs.length === 0;
  const ordered = [...jobs];
  if (sorting.column) {
    const value = COLUMNS[sorting.column];
    ordered.sort((a, b) => value(a).localeCompare(value(b), undefined, { numeric: true }) * (sorting.down ? -1 : 1));
  }
  // The list is drawn again while jobs run; whoever is in it with the keyboard stays where they are.
  const active = document.activeElement;
  const row = active.closest("#list tbody tr")?.dataset.id;
  const place = row ? [...active.closest("tr").querySelectorAll("button")].indexOf(active) : -1;
  const column = active.dataset.column;
  $("columns").replaceChildren(...Object.keys(COLUMNS).map((column) => {
    const order = sorting.column !== column ? "none" : sorting.down ? "descending" : "ascending";
    const sign = { none: "", ascending: " ▲", descending: " ▼" }[order];
    const sort = () => { sorting = { column, down: sorting.column === column && !sorting.down }; tabulate(); };
    return make("th", { scope: "col", "aria-sort": order }, make("button", { type: "button", "data-column": column, onclick: sort }, `${column}${sign}`));
  }), make("th", { scope: "col" }, "Actions"));
  $("list").tBodies[0].replaceChildren(...ordered.map((job) =>
    make("tr", { "data-id": job.id }, ...Object.values(COLUMNS).map((value) => make("td", {}, value(job))),
      make("td", {}, make("button", { type: "button", onclick: () => show(job.id), "aria-label": `Open ${job.name}` }, "Open"),
        make("button", { type: "button", className: "plain", "aria-label": `Remove ${job.name}`, onclick: () => remove(job) }, "Remove")))));
  if (column) $("columns").querySelector(`[data-column="${column}"]`).focus();
  if (place >= 0) $("list").querySelector(`tr[data-id="${row}"]`)?.querySelectorAll("button")[place].focus();
  shares();
}

function shares() {
  const done = jobs.filter((job) => job.state === "done");
  $("batch").hidden = done.length < 2;
  const counts = new Map();
  for (const job of done) {
    const name = job.outcome.label ?? "nothing claimed";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1]);
  const length = done.reduce((sum, job) => sum + job.outcome.duration, 0);
  $("batch-count").textContent = `${done.length} of ${jobs.length} recordings are analysed, ${clock(length)} in all.`;
  $("batch-shares").replaceChildren(...ranked.map(([, number], place) =>
    make("i", { style: { width: `${(number / done.length) * 100}%`, background: PALETTE[place % PALETTE.length] } })));
  $("batch-legend").replaceChildren(...ranked.map(([name, number], place) =>
    make("li", {}, make("i", { style: { background: PALETTE[place % PALETTE.length] } }), `${name} ${number}`)));
}

async function remove(job) {
  await ask(`/v1/analyses/${job.id}`, { method: "DELETE" });
  if (open.id === job.id) close();
  say(`${job.name} was removed.`);
  list();
}

$("purge").onclick = async () => {
  await ask("/v1/analyses", { method: "DELETE" });
  close();
  say("Everything was removed.");
  list();
};

function close() {
  history.replaceState(null, "", "#");
  open.id = "";
  $("result").hidden = true;
  $("player").removeAttribute("src");
}

// One analysis

let events = null;

async function show(id, other = "") {
  events?.close();
  Object.assign(open, { id, view: null });
  history.replaceState(null, "", other ? `#${id}+${other}` : `#${id}`); // a reload shows the same
  $("result").hidden = false;
  $("answer").hidden = true;
  $("progress").hidden = false;
  say("", "reply-message");
  say("", "compare-message");
  $("speech").hidden = true;
  try {
    open.job = await ask(`/v1/analyses/${id}`);
  } catch (error) {
    close();
    return say(error.message);
  }
  $("result-title").textContent = open.job.name;
  $("result-title").focus();
  say(open.job.state, "step");
  follow(`/v1/analyses/${id}`, () => open.id === id, "step", async (state, error) => {
    list();
    if (state === "done") {
      say(""); // it no longer is queued
      return draw(id, other);
    }
    $("progress").hidden = true;
    say(error ? `${open.job.name}: ${error.message}${error.try ? ` Try: ${error.try}` : ""}` : "It was removed.");
  });
}

function follow(path, isWanted, where, onEnd) {
  const source = new EventSource(`${path}/events`);
  events = source;
  const end = (state, error) => { source.close(); if (isWanted()) onEnd(state, error); };
  for (const kind of ["queued", "started", "requeued"]) source.addEventListener(kind, () => isWanted() && say(kind === "requeued" ? "begun again" : kind, where));
  source.addEventListener("step", (event) => {
    const { name, seconds } = JSON.parse(event.data);
    if (isWanted()) say(`${name.replaceAll("_", " ")}${seconds ? `, from ${clock(seconds)} on` : ""}`, where);
  });
  source.addEventListener("attempt", (event) => {
    const attempt = JSON.parse(event.data);
    if (isWanted()) say(`Tried ${attempt.emotion} at ${attempt.intensity}: heard ${attempt.heard_beside_neutral}`, where);
  });
  source.addEventListener("done", () => end("done"));
  source.addEventListener("failed", (event) => end("failed", JSON.parse(event.data).error));
  source.addEventListener("removed", () => end("removed"));
  return source;
}

async function draw(id, other) {
  const view = await ask(`/v1/analyses/${id}/view`);
  if (open.id !== id) return;
  open.view = view;
  $("progress").hidden = true;
  $("answer").hidden = false;
  $("player").src = `/v1/analyses/${id}/media`;
  verdict(view);
  $("views").className = "";
  $("views").replaceChildren(timeline(view, open.job));
  $("side-by-side").hidden = true;
  struck(view);
  speakers(view);
  clues(view);
  words(view);
  more(view);
  $("emotion").replaceChildren(make("option", { value: "" }, "as recognised"), ...view.ranking.map(([name]) => make("option", { value: name }, name)));
  $("exports").replaceChildren(...JSON.parse($("exports").dataset.formats).map((format) =>
    make("li", {}, make("a", { href: `/v1/analyses/${id}/exports/${format.name}`, download: "" }, format.name), ` ${format.summary}`)));
  $("disclaimer").textContent = view.disclaimer;
  document.body.dataset.shown = id;
  if (other) beside(id, other);
}

function verdict(view) {
  $("verdict").replaceChildren(make("strong", {}, view.label ?? "Nothing is claimed"), view.abstained ? `: ${view.abstained}` : "");
  $("rationale").textContent = view.rationale;
  $("ranking").tBodies[0].replaceChildren(...view.ranking.slice(0, 9).map(([name, score]) =>
    make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, `${Math.round(score * 100)} %`))));
}

function shape(path, colour, filled = true) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 1000 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [d, own] of path) {
    const element = document.createElementNS(SVG, "path");
    element.setAttribute("d", d);
    element.setAttribute(filled ? "fill" : "stroke", own ?? colour);
    if (!filled) { element.setAttribute("fill", "none"); element.setAttribute("stroke-width", "2"); element.setAttribute("vector-effect", "non-scaling-stroke"); }
    svg.append(element);
  }
  return svg;
}

function track(name, height, ...content) {
  return make("div", { className: "track", style: { height: `${height}px` } }, make("span", { className: "name" }, name), ...content);
}

const COLOURS = { audio: "#d07a1f", face: "#7d5bd0", video: "#3f78c4", text: "#2f9a57" };
const MODALITIES = { audio: "voice", face: "face", video: "picture", text: "words" };

function marks(view, modality) {
  const percent = (seconds) => `${(seconds / Math.max(view.duration, 1e-6)) * 100}%`;
  return view.clues.filter((clue) => clue.modality === modality).map((clue) =>
    make("span", { className: "mark", title: clue.text, style: { left: `min(${percent(clue.start)}, 100% - 3px)`, width: percent(Math.max(0.05, clue.end - clue.start)), background: COLOURS[modality] ?? "#888" } }));
}

function turns(view, person) {
  const percent = (seconds) => `${(seconds / Math.max(view.duration, 1e-6)) * 100}%`;
  const place = (bar) => ({ left: percent(bar.start), width: percent(bar.end - bar.start) });
  return [...person.turns.map((bar) => make("span", { className: "mark", title: bar.title, style: { ...place(bar), background: bar.colour || "#7d8590" } })),
    ...person.seen.map((bar) => make("span", { className: "seen", title: bar.title, style: place(bar) }))];
}

function timeline(view, job) {
  const tracks = [];
  if (view.ribbons.length) tracks.push(track("emotions", 90, shape(view.ribbons.map((ribbon) => [ribbon.path, ribbon.colour]))));
  for (const person of view.people) tracks.push(track(person.name, 26, ...turns(view, person)));
  if (view.waveform) tracks.push(track("sound", 44, shape([[view.waveform]], "#7d8590")));
  if (view.pitch) tracks.push(track(`pitch, ${view.pitch.low} to ${view.pitch.high}`, 44, shape([[view.pitch.path]], "#d07a1f", false)));
  for (const unit of view.units) tracks.push(track(`${unit.name} ${unit.meaning}`, 26, shape([[unit.path]], "#7d5bd0")));
  for (const modality of Object.keys(MODALITIES)) {
    const own = marks(view, modality);
    if (own.length) tracks.push(track(`clues: ${MODALITIES[modality]}`, 22, ...own));
  }
  if (!tracks.length) tracks.push(track("no curves", 30));
  const now = make("span", { className: "now" });
  const slider = make("div", { className: "slider", role: "slider", tabIndex: 0, "aria-label": `Time in ${view.name}`, "aria-valuemin": "0", "aria-valuemax": String(view.duration), "aria-valuenow": "0", "aria-valuetext": clock(0) }, ...tracks, now);
  slider.onclick = (event) => {
    const box = slider.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * view.duration);
  };
  slider.onkeydown = (event) => {
    const player = $("player");
    const places = { ArrowLeft: player.currentTime - 1, ArrowRight: player.currentTime + 1, Home: 0, End: view.duration };
    if (event.key in places) seek(places[event.key]);
    else if (event.key === " ") player.paused ? player.play() : player.pause();
    else return;
    event.preventDefault();
  };
  const ticks = make("div", { className: "ticks", "aria-hidden": "true" }, ...view.ticks.map((tick) => make("span", { style: { left: `${tick.percent}%` } }, tick.text)));
  const legend = make("div", { className: "legend" }, ...view.ribbons.map((ribbon) => make("span", {}, make("i", { style: { background: ribbon.colour } }), ribbon.emotion)));
  const title = COLUMNS.Pipeline(job);
  const said = view.label ? `${view.label} ${Math.round(view.ranking.find(([name]) => name === view.label)[1] * 100)} %` : "nothing claimed";
  const element = make("div", { className: "view" }, make("h3", {}, `${title}: ${said}`), slider, ticks, legend);
  element.move = (time) => {
    now.style.left = `${(Math.min(time, view.duration) / Math.max(view.duration, 1e-6)) * 100}%`;
    slider.setAttribute("aria-valuenow", time.toFixed(1));
    slider.setAttribute("aria-valuetext", clock(time));
  };
  return element;
}

function seek(time) {
  $("player").currentTime = Math.max(0, Math.min(time, open.view.duration));
  moved();
}

function clues(view) {
  $("clues").replaceChildren(...view.clues.map((clue) =>
    make("li", {}, make("button", { type: "button", className: clue.checked ? "" : "unchecked", "data-start": clue.start, "data-end": clue.end, onclick: () => seek(clue.start) },
      `${clock(clue.start)} to ${clock(clue.end)}, ${MODALITIES[clue.modality]}: ${clue.text}${clue.checked ? "" : " (not found in what was measured)"}`))));
  if (!view.clues.length) $("clues").append(make("li", {}, "No clue was named."));
}

function words(view) {
  const said = view.words.map((word) => make("button", { type: "button", "data-start": word.start, "data-end": word.end, onclick: () => seek(word.start) }, word.text));
  $("words").replaceChildren(...said, ...view.wordless.map((part) => `${clock(part.start)} ${part.text} `), said.length + view.wordless.length ? "" : "No words.");
}

function struck(view) {
  $("struck").hidden = !view.struck.length;
  $("generated").replaceChildren("The model wrote: ", make("q", {}, view.generated ?? ""));
  $("struck-parts").replaceChildren(...view.struck.map((part) => make("li", {}, make("del", {}, part))));
}

function speakers(view) {
  $("speakers").hidden = !view.people.length;
  $("who").replaceChildren(...view.people.map((person) => {
    const said = Object.entries(person.felt).map(([source, known]) => known.missing ? `${source}: ${known.missing}`
      : `${source}: ${known.label} ${Math.round(known.scores[known.label] * 100)} %`);
    const inView = person.on_screen == null ? "" : `, in view for ${Math.round(person.on_screen * 100)} % of it`;
    const turns = person.turns.map((turn) => turn.start).sort((a, b) => a - b);
    const next = () => seek(turns.find((start) => start > $("player").currentTime + 0.05) ?? turns[0]);
    return make("li", {}, make("strong", {}, person.name), turns.length ? ` speaks ${clock(person.speaking)}, ${Math.round(person.share * 100)} % of the time${inView}. ${said.join("; ")}. ` : ` is in view. ${said.join("; ")}. `,
      turns.length ? make("button", { type: "button", "aria-label": `Next turn of ${person.name}`, onclick: next }, "Next turn") : null,
      person.text ? make("p", {}, make("q", {}, person.text)) : null);
  }));
}

function more(view) {
  const parts = [];
  if (view.translation) parts.push(make("h3", {}, `Translation (${view.translation.language})`), make("p", {}, view.translation.text));
  const entries = [...view.events.map((event) => `${clock(event.start)} ${event.name}`), ...view.missing.map(([what, why]) => `${what}: ${why}`), ...view.notes];
  if (entries.length) parts.push(make("h3", {}, "Sounds, notes and what is missing"), make("ul", {}, ...entries.map((text) => make("li", {}, text))));
  $("more").replaceChildren(...parts);
}

function moved() {
  const time = $("player").currentTime + 0.005; // a player goes to whole microseconds
  for (const view of document.querySelectorAll(".view")) view.move(time);
  for (const button of document.querySelectorAll("#clues button, #words button")) {
    button.setAttribute("aria-current", time >= Number(button.dataset.start) && time < Number(button.dataset.end));
  }
}

$("player").addEventListener("timeupdate", moved);
$("player").addEventListener("seeked", moved);

// Compare, answer

$("compare").onsubmit = async (event) => {
  event.preventDefault();
  const id = open.id;
  try {
    const job = await post(`/v1/analyses/${id}/again`, { pipeline: $("other").value, settings: swapped("other-slots") });
    history.replaceState(null, "", `#${id}+${job.id}`);
    say("The other pipeline is at work…", "compare-message");
    beside(id, job.id, () => $("views").scrollIntoView());
  } catch (error) { say(error.message, "compare-message"); }
};

function beside(id, other, onShown = () => {}) {
  follow(`/v1/analyses/${other}`, () => open.id === id, "compare-message", async (state, error) => {
    list();
    if (state !== "done") return say(error?.message ?? "The other one was removed.", "compare-message");
    const [job, view] = await Promise.all([ask(`/v1/analyses/${other}`), ask(`/v1/analyses/${other}/view`)]);
    $("views").className = "two";
    $("views").replaceChildren(timeline(open.view, open.job), timeline(view, job));
    compared([open.job, job], [open.view, view]);
    moved();
    say("Both are shown above.", "compare-message");
    onShown();
  });
}

function compared(both, views) {
  const percent = (view, emotion) => {
    const score = view.ranking.find(([name]) => name === emotion)?.[1];
    return score == null ? "not measured" : `${Math.round(score * 100)} %`;
  };
  const emotions = [...new Set(views.flatMap((view) => view.ranking.slice(0, 5).map(([name]) => name)))];
  const rows = [
    ["Felt", ...views.map((view) => view.label ?? `nothing claimed: ${view.abstained}`)],
    ...emotions.map((emotion) => [emotion, ...views.map((view) => percent(view, emotion))]),
    ["Why", ...views.map((view) => view.rationale)],
    ["Clues found, and all", ...views.map((view) => `${view.clues.filter((clue) => clue.checked).length} of ${view.clues.length}`)],
    ["Struck", ...views.map((view) => view.struck.join(" ") || "nothing")],
    ["Time it took", ...both.map((job) => `${(job.ended - job.started).toFixed(1)} s`)],
  ];
  const table = $("comparison");
  table.tHead.replaceChildren(make("tr", {}, make("td", {}), ...both.map((job) => make("th", { scope: "col" }, COLUMNS.Pipeline(job)))));
  table.tBodies[0].replaceChildren(...rows.map(([name, ...cells]) =>
    make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)))));
  $("side-by-side").hidden = false;
}

async function answer(consent) {
  const id = open.id;
  const voice = $("voice").value.trim() || null;
  try {
    const job = await post(`/v1/analyses/${id}/replies`, {
      text: $("text").value, emotion: $("emotion").value || null, intensity: Number($("intensity").value), voice,
      attempts: $("felt").checked ? 8 : 0, consent,
    });
    say("Speaking…", "reply-message");
    follow(`/v1/replies/${job.id}`, () => open.id === id, "reply-message", async (state, error) => {
      if (state !== "done") return say(error?.message ?? "It was removed.", "reply-message");
      const { outcome } = await ask(`/v1/replies/${job.id}`);
      const heard = { true: "; it is heard in it", false: "; it is not heard in it: this is the best attempt", null: "" }[String(outcome.heard_as_meant)];
      say(`Said in ${outcome.emotion}, intensity ${outcome.intensity}${heard}. Synthetic speech, watermarked.`, "reply-message");
      $("speech").src = `/v1/replies/${job.id}/audio`;
      $("speech").hidden = false;
    });
  } catch (error) {
    if (!consent && voice && error.message.includes("lent")) return $("consent").showModal();
    say(error.message, "reply-message");
  }
}

$("reply").onsubmit = (event) => { event.preventDefault(); answer(false); };
$("consent-yes").onclick = () => { $("consent").close(); answer(true); };
$("consent-no").onclick = () => { $("consent").close(); say("Nothing was said.", "reply-message"); };

await offer();
await list();
if (location.hash.length > 1) show(...location.hash.slice(1).split("+"));
document.body.dataset.ready = "true";
