// Listening, and what the address asks for when the page opens.
async function copy(button) {
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {  // no clipboard for this page: mark the text for the reader's own copy command
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1600);
}

function follow() {
  const { place, token, chosen } = readAddress();
  if (chosen) fillTools();
  if (chosen) refresh();
  if (token !== undefined) return show(token);
  if (card.open) card.close();
  // With a choice behind it, the browser does not know the place.
  if (chosen && place) byId(place)?.scrollIntoView();
}

function fillTools() {
  byId("search").value = choice.q;
  for (const [id, key] of [["sort", "order"], ["show", "show"], ["size", "size"]]) {
    if ([...byId(id).options].some((option) => option.value === choice[key])) byId(id).value = choice[key];
    choice[key] = byId(id).value;
  }
  list.dataset.size = choice.size;
}

function readTools() {
  choice.q = byId("search").value;
  choice.order = byId("sort").value;
  choice.show = byId("show").value;
  choice.size = list.dataset.size = byId("size").value;
  choice.is = new Map();
  for (const box of boxes.filter((b) => b.checked)) {
    const trait = Number(box.dataset.trait);
    choice.is.set(trait, (choice.is.get(trait) ?? new Set()).add(Number(box.dataset.value)));
  }
  refresh();
  writeAddress("replaceState");
}

function clicked(event) {
  const button = event.target.closest("button");
  if (button?.matches(".copy")) return copy(button);
  if (button?.matches("[data-decide]")) {
    const i = button.dataset.id ? position.get(Number(button.dataset.id)) : open;
    const attempt = button.dataset.attempt;
    return decide(i, button.dataset.decide, attempt === undefined ? undefined : Number(attempt));
  }
  if (button?.matches("[data-retouch]")) return openRetouch(open);
  if (button?.matches(".unveil")) return unveil(open);
  const link = event.target.closest('a[href^="#"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const id = /^#token-(\d+)$/.exec(link.getAttribute("href"));
  const i = id ? position.get(Number(id[1])) : undefined;
  if (i === undefined) return;
  event.preventDefault();  // the browser would scroll the tile to the top of the window first
  if (isVeiled(i) && !card.contains(link)) return unveil(i);
  open = i;
  writeAddress("pushState");
  show(i);
}

const FIELDS = "input, select, textarea, video";
function letter(event, i) {
  const verb = { k: "keep", r: "redraw", x: "reject" }[event.key];
  if (!verb || i === null || event.altKey || event.ctrlKey || event.metaKey || event.target.matches(FIELDS)) return;
  event.preventDefault();
  decide(i, verb);
}

function begin() {
  tools.hidden = false;
  fillTools();
  tools.addEventListener("input", readTools);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(() => {
    byId("size").value = choice.size;
    for (const box of boxes) box.checked = false;
    readTools();
  }));
  list.addEventListener("pointerover", offerVerbs);
  list.addEventListener("keydown", arrow);
  list.addEventListener("keydown", (event) => letter(event, reachable));
  list.addEventListener("focusin", ({ target }) => {
    const place = target.closest("li")?.dataset.place;
    if (place !== undefined) reach(Number(place));
  });
  card.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
    if (event.target === card || event.target.closest("[data-close]")) card.close();
  });
  card.addEventListener("keydown", (event) => {
    if (event.target.matches(FIELDS)) return;  // a slider, a list and a film have keys of their own
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && !event.altKey && !event.ctrlKey && !event.metaKey) step(by);
    else letter(event, open);
  });
  card.addEventListener("close", closed);
  if (served) offerRetouch();
  byId("why").firstElementChild.addEventListener("submit", (event) => {
    event.preventDefault();
    byId("why").close(event.submitter?.value ?? "reject");
  });
  byId("forget").addEventListener("click", () => {
    const gone = [...decisions.keys()];
    decisions.clear();
    for (const id of gone) changed(position.get(id));
  });
  addEventListener("scroll", () => requestAnimationFrame(drawRows), { passive: true });
  addEventListener("beforeprint", () => {
    printing = true;
    measure();
    drawRows();
    document.querySelectorAll("[data-picture]").forEach(drawMini);
  });
  addEventListener("afterprint", () => { printing = false; drawRows(); });
  addEventListener("popstate", follow);
  new ResizeObserver(draw).observe(list);
  refresh();
  follow();
}

document.addEventListener("click", clicked);
if (tokens.length) {
  begin();
  recallDecisions().then(() => {
    showDecisions();
    for (const id of decisions.keys()) if (position.has(id)) redrawTile(position.get(id));
    if (open !== null) fillDecision(open);
  });
  if (served) listen();
}
