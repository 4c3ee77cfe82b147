// The page of the studio. What is shown comes from /v1 alone; every text is set as text, never as HTML.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const open = { id: "", view: null, other: null, job: null };

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
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${Math.floor((seconds % 1) * 10)}`;
};

// What is offered

let pipelines = [];

async function offer() {
  const [listed, components, limits, formats] = await Promise.all(
    ["pipelines", "components", "limits", "formats"].map((name) => ask(`/v1/${name}`)));
  pipelines = listed;
  for (const id of ["pipeline", "other"]) {
    $(id).replaceChildren(...listed.map((one) => make("option", { value: one.name }, one.name)));
  }
  $("kept").textContent =
    `Recordings and results are seen by this browser alone and removed ${Math.round(limits.kept_seconds / 60)} minutes after the analysis.`;
  $("exports").dataset.formats = JSON.stringify(formats);
  const slots = () => {
    const chosen = listed.find((one) => one.name === $("pipeline").value);
    $("slots").replaceChildren(...chosen.slots.filter((slot) => slot.role !== "speaker").map((slot) => {
      const names = components.filter((one) => one.role === slot.role).map((one) => one.name);
      const select = make("select", { "data-slot": slot.slot }, make("option", { value: "" }, `${slot.component} (as it is)`),
        slot.role === "reasoner" ? null : make("option", { value: "\0" }, "none"),
        ...names.filter((name) => name !== slot.component).map((name) => make("option", { value: name }, name)));
      return make("label", {}, slot.slot, select);
    }));
  };
  $("pipeline").onchange = slots;
  const without = () => {
    const chosen = listed.find((one) => one.name === $("other").value);
    $("without").replaceChildren(make("option", { value: "" }, "nothing left out"),
      ...chosen.slots.filter((slot) => !["speaker", "reasoner"].includes(slot.role)).map((slot) => make("option", { value: slot.slot }, slot.slot)));
  };
  $("other").onchange = without;
  slots();
  without();
}

function settings() {
  const changes = {};
  for (const select of $("slots").querySelectorAll("select")) {
    if (select.value) changes[select.dataset.slot] = select.value === "\0" ? null : select.value;
  }
  return changes;
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
    socket.onopen = () => socket.send(JSON.stringify({ type: "start", pipeline: $("pipeline").value, settings: settings() }));
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

async function list() {
  const jobs = await ask("/v1/analyses");
  $("empty").hidden = jobs.length > 0;
  $("purge").hidden = jobs.length === 0;
  $("list").tBodies[0].replaceChildren(...jobs.map((job) => {
    const felt = job.error ? job.error.message : job.outcome ? job.outcome.label ?? `nothing claimed: ${job.outcome.abstained}` : "";
    return make("tr", { "data-id": job.id },
      make("td", {}, job.name), make("td", {}, [job.pipeline, ...Object.entries(job.settings).map(([slot, use]) => `${slot}: ${use ?? "none"}`)].filter(Boolean).join(", ")),
      make("td", {}, job.state), make("td", {}, felt),
      make("td", {}, make("button", { type: "button", onclick: () => show(job.id), "aria-label": `Open ${job.name}` }, "Open"),
        make("button", { type: "button", className: "plain", "aria-label": `Remove ${job.name}`, onclick: () => remove(job) }, "Remove")));
  }));
  if (jobs.some((job) => ["queued", "running"].includes(job.state))) setTimeout(list, 1500);
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

async function show(id) {
  events?.close();
  Object.assign(open, { id, view: null, other: null });
  history.replaceState(null, "", `#${id}`); // a reload shows the same
  $("result").hidden = false;
  $("answer").hidden = true;
  $("progress").hidden = false;
  say("", "reply-message");
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
    if (state === "done") return draw(id);
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

async function draw(id) {
  const view = await ask(`/v1/analyses/${id}/view`);
  if (open.id !== id) return;
  open.view = view;
  $("progress").hidden = true;
  $("answer").hidden = false;
  $("player").src = `/v1/analyses/${id}/media`;
  verdict(view);
  $("views").className = "";
  $("views").replaceChildren(timeline(view, open.job));
  clues(view);
  words(view);
  more(view);
  $("emotion").replaceChildren(make("option", { value: "" }, "as recognised"), ...view.ranking.map(([name]) => make("option", { value: name }, name)));
  $("exports").replaceChildren(...JSON.parse($("exports").dataset.formats).map((format) =>
    make("li", {}, make("a", { href: `/v1/analyses/${id}/exports/${format.name}`, download: "" }, format.name), ` ${format.summary}`)));
  $("disclaimer").textContent = view.disclaimer;
  document.body.dataset.shown = id;
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
    make("span", { className: "mark", title: clue.text, style: { left: percent(clue.start), width: percent(Math.max(0.05, clue.end - clue.start)), background: COLOURS[modality] ?? "#888" } }));
}

function timeline(view, job) {
  const tracks = [];
  if (view.ribbons.length) tracks.push(track("emotions", 90, shape(view.ribbons.map((ribbon) => [ribbon.path, ribbon.colour]))));
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
  const changes = Object.entries(job.settings).map(([slot, use]) => `${slot}: ${use ?? "none"}`);
  const title = [job.pipeline ?? pipelines[0].name, ...changes].join(", ");
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

function more(view) {
  const parts = [];
  // What the model wrote and its rationale does not say was struck when it was checked.
  if (view.generated && view.generated !== view.rationale) {
    const kept = view.rationale;
    parts.push(make("h3", {}, "What the model wrote before it was checked"), make("p", {}, ...view.generated.split(/(?<=[.!?])\s+/).map((sentence) =>
      kept.includes(sentence) ? `${sentence} ` : make("span", { className: "struck" }, `${sentence} `))));
  }
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
    const without = $("without").value;
    const job = await post(`/v1/analyses/${id}/again`, { pipeline: $("other").value, settings: without ? { [without]: null } : {} });
    say("The other pipeline is at work…");
    follow(`/v1/analyses/${job.id}`, () => open.id === id, "message", async (state, error) => {
      list();
      if (state !== "done") return say(error?.message ?? "It was removed.");
      const view = await ask(`/v1/analyses/${job.id}/view`);
      $("views").className = "two";
      $("views").replaceChildren(timeline(open.view, open.job), timeline(view, job));
      moved();
      say("Both are shown.");
    });
  } catch (error) { say(error.message); }
};

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
if (location.hash.length > 1) show(location.hash.slice(1));
document.body.dataset.ready = "true";
