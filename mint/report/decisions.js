// What the artist decides: sent to `mint preview`, or collected here for a file to download.
const decisions = new Map();  // token_id -> { decision, attempt, reason? }
const MARKS = { keep: "kept", redraw: "to redraw", reject: "rejected", doubt: "?" };
const NOTE = served
  ? "They are in decisions.yaml beside collection.yaml, and the next build obeys them. To undo one, delete its line there."
  : "Put the file beside collection.yaml; the next build obeys it. To undo one, press its button again.";
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

function decisionsYaml() {
  const all = [...decisions].sort(([a], [b]) => a - b);
  const of = (verb, form) => all.filter(([, d]) => d.decision === verb).map(([id, d]) => form(id, d)).join(", ");
  const parts = [
    ["keep", "{", of("keep", (id, d) => `${id}: ${d.attempt}`), "}"],
    ["redraw", "[", of("redraw", (id, d) => `{token: ${id}, after: ${d.attempt}}`), "]"],
    ["reject", "[", of("reject", (id, d) => `{token: ${id}, after: ${d.attempt}, reason: ${quoted(d.reason)}}`), "]"],
  ];
  return parts.filter(([, , items]) => items).map(([verb, a, items, z]) => `${verb}: ${a}${items}${z}\n`).join("");
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

async function decide(i, decision, attempt = tokens[i].attempt ?? 0) {
  const { id } = tokens[i];
  const before = decisions.get(id);
  if (!served && before?.decision === decision && before.attempt === attempt) {
    decisions.delete(id);
    say(`#${id}: no decision`);
    return changed(i);
  }
  const reason = decision === "reject" ? await askWhy(id) : undefined;
  if (decision === "reject" && !reason) return;
  const words = { token_id: id, decision, attempt, ...(reason && { reason }) };
  if (served && !await sent(words)) return;
  decisions.set(id, { decision, attempt, reason });
  say(`#${id} ${MARKS[decision]}`);
  changed(i);
}

async function sent(words) {
  try {
    const answer = await fetch("/api/decisions", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(words),
    });
    if (answer.ok) return true;
    say(`Not saved: ${await answer.text()}`);
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

// Two forms: as the file has them, or a list of what was sent.
function recall(known) {
  if (Array.isArray(known)) {
    for (const { token_id: id, token, attempt, after, ...rest } of known) {
      decisions.set(id ?? token, { attempt: attempt ?? after, ...rest });
    }
    return;
  }
  for (const [id, attempt] of Object.entries(known.keep ?? {})) decisions.set(Number(id), { decision: "keep", attempt });
  for (const decision of ["redraw", "reject"]) {
    for (const { token, after, reason } of known[decision] ?? []) decisions.set(token, { decision, attempt: after, reason });
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

// A build under way tells which picture it has painted.
function listen() {
  const events = new EventSource("/api/events");
  events.addEventListener("message", ({ data }) => {
    const news = JSON.parse(data);
    if (news.event !== "picture") return;
    const i = position.get(news.token_id);
    if (i === undefined) return say("There are new pictures: load this page again.");
    repainted.set(i, (repainted.get(i) ?? 0) + 1);
    redrawTile(i);
    if (open === i) show(i);
    say(`#${news.token_id} has a new picture`);
  });
  // A server without events answers 404 once; a browser would ask for ever.
  events.addEventListener("error", () => { if (events.readyState !== EventSource.OPEN) events.close(); });
}
