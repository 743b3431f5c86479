// What the artist decides: sent to `mint preview`, or collected here for a file to download.
const decisions = new Map();  // token_id -> { decision, attempt, reason? }
const MARKS = { keep: "kept", redraw: "to redraw", reject: "rejected", doubt: "?" };
const NOTE = served
  ? "They are in decisions.yaml beside collection.yaml, and the next build obeys them. To undo one, press its button again, or delete its line there."
  : "Put the file beside collection.yaml, or beside birds.yaml as birds.decisions.yaml; the next build obeys it. If there is one already, add these lines to it: it has your earlier decisions. To undo one, press its button again.";
const SHELF = `mint-decisions-${facts.build}`;

function remember() {
  if (served) return;
  // Browsers may refuse storage to a page opened from disk; then they last until it closes.
  try { localStorage.setItem(SHELF, JSON.stringify([...decisions])); } catch {}
}

// As JSON is written, which YAML reads; what YAML 1.1 takes for the end of a line is escaped.
function quoted(text) {
  const hex = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text.toWellFormed?.() ?? text).replace(/[\x7f-\xa0\u2028\u2029\ufeff]/g, hex);
}

// The first digits of the picture that is meant: a decision never passes on to another one.
function pictureOf(i, attempt) {
  const more = details(i);
  const fresh = repainted.get(i);
  if (fresh?.attempt === attempt) return fresh.pixels.slice(0, 12);
  if (attempt === (tokens[i].attempt ?? 0)) return (more.painted ?? more.pixels).slice(0, 12);
  return more.attempts?.find((each) => each.attempt === attempt)?.painted;
}

// A line for each, so that deleting it takes it back.
function decisionsYaml() {
  const all = [...decisions].sort(([a], [b]) => a - b);
  const picture = (d) => (d.picture ? `, picture: "${d.picture}"` : "");
  const forms = {
    keep: (id, d) => `  ${id}: {attempt: ${d.attempt}${picture(d)}}\n`,
    redraw: (id, d) => `  - {token: ${id}, after: ${d.attempt}${picture(d)}}\n`,
    reject: (id, d) => `  - {token: ${id}, after: ${d.attempt}${picture(d)}, reason: ${quoted(d.reason)}}\n`,
  };
  return Object.entries(forms).map(([verb, form]) => {
    const lines = all.filter(([, d]) => d.decision === verb).map(([id, d]) => form(id, d));
    return lines.length ? `${verb}:\n${lines.join("")}` : "";
  }).join("");
}

let download = null;
function showDecisions() {
  const number = decisions.size;
  byId("decisions").hidden = !number;
  byId("decided").textContent = `${count(number)} ${number === 1 ? "decision" : "decisions"}`;
  byId("decided-note").textContent = NOTE;
  byId("download").hidden = byId("forget").hidden = served;
  if (download) URL.revokeObjectURL(download);
  download = served || !number ? null : URL.createObjectURL(new Blob([decisionsYaml()], { type: "application/yaml" }));
  if (download) byId("download").href = download;
}

function changed(i) {
  remember();
  showDecisions();
  redrawTile(i);
  if (open === i) fillDecision(i);
}

async function decide(i, decision, attempt = attemptOf(i)) {
  const { id } = tokens[i];
  const before = decisions.get(id);
  if (before?.decision === decision && before.attempt === attempt) {
    if (served && !await sent({ token_id: id, decision: "undo", attempt })) return;
    decisions.delete(id);
    say(`#${id}: no decision`);
    return changed(i);
  }
  const reason = decision === "reject" ? await askWhy(id) : undefined;
  if (decision === "reject" && !reason) return;
  const picture = pictureOf(i, attempt);
  const words = { token_id: id, decision, attempt, ...(picture && { picture }), ...(reason && { reason }) };
  if (served && !await sent(words)) return;
  decisions.set(id, { decision, attempt, picture, reason });
  say(`#${id} ${MARKS[decision]}`);
  changed(i);
}

async function sent(words) {
  try {
    const answer = await fetch("/api/decisions", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(words),
    });
    if (answer.ok) return true;
    const { error, hint } = await answer.json();
    say(`Not saved: ${[error, hint].filter(Boolean).join("; ")}`);
  } catch {
    say("Not saved: mint preview does not answer. Is it still running?");
  }
  return false;
}

function askWhy(id) {
  const dialog = byId("why");
  byId("why-title").textContent = `Reject #${id}`;
  byId("reason").value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "reject" ? byId("reason").value.trim() : "");
    }, { once: true });
  });
}

// As decisions.yaml has them. A token may have several; the one about its picture is shown.
function recall({ keep, redraw, reject }) {
  const known = [
    ...redraw.map(({ token, after, ...rest }) => [token, { decision: "redraw", attempt: after, ...rest }]),
    ...reject.map(({ token, after, ...rest }) => [token, { decision: "reject", attempt: after, ...rest }]),
    ...Object.entries(keep).map(([id, rest]) => [Number(id), { decision: "keep", ...rest }]),
  ];
  const current = ([id, { attempt }]) => position.has(id) && attempt === attemptOf(position.get(id));
  for (const [id, decision] of [...known.filter((each) => !current(each)), ...known.filter(current)]) {
    decisions.set(id, decision);
  }
}

async function recallDecisions() {
  if (!served) {
    try { for (const [id, d] of JSON.parse(localStorage.getItem(SHELF) ?? "[]")) decisions.set(id, d); } catch {}
    return;
  }
  try {
    const answer = await fetch("/api/decisions");
    if (answer.ok) recall(await answer.json());
  } catch {}  // a server of another kind: nothing is decided yet
}

// A build under way tells which picture it has painted. What comes before "live" is over.
function listen() {
  const events = new EventSource("/api/events");
  let live = false;
  events.addEventListener("open", () => { live = false; });
  events.addEventListener("message", ({ data }) => {
    const news = JSON.parse(data);
    live ||= news.event === "live";
    // A picture comes once unseen, and once more with what was said of it.
    if (!live || news.event !== "picture" || news.accepted !== null) return;
    const i = position.get(news.token_id);
    if (i === undefined) return say("There are new pictures: load this page again.");
    if (pictureOf(i, news.attempt) === news.pixels.slice(0, 12)) return;  // it is here already
    repainted.set(i, news);
    redrawTile(i);
    if (open === i) show(i);
    say(`#${news.token_id} has a new picture`);
  });
  // A server without events answers 404 once; a browser would ask for ever.
  events.addEventListener("error", () => { if (events.readyState !== EventSource.OPEN) events.close(); });
}
