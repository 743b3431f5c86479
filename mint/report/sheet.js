// The contact sheet: search, filter, order, arrow keys. Only the rows in view are in the page.
const list = byId("tiles");
const tools = byId("tools");
const boxes = [...document.querySelectorAll("#tools [data-trait]")];
const BEYOND = 2;  // rows drawn above and below the window
const PRINTED = 500;  // tokens that are printed; the contact sheet has all
let visible = [];  // positions in `tokens`, in the order of the sheet
let reachable = null;  // one stop of the Tab key for the whole sheet
let printing = false;

// --- which tokens, in which order

const valueOf = (token, trait) => facts.traits[trait].values[token.traits[trait]]?.name ?? "";
const haystacks = tokens.map((t) => fold(
  `${t.name} #${t.id} ${t.traits.map((_, trait) => valueOf(t, trait)).join("\n")}`));
const byNumber = (a, b) => tokens[a].id - tokens[b].id;
// Those that lack the figure come last, whichever way it is ordered.
const by = (key, sign) => (a, b) => {
  const [x, y] = [tokens[a][key], tokens[b][key]];
  if (x === undefined || y === undefined) return (x === undefined) - (y === undefined) || byNumber(a, b);
  return sign * (x - y) || byNumber(a, b);
};
const orders = {
  id: byNumber, rank: by("rank", 1), common: by("rank", -1), unsure: by("sure", 1), worst: by("clip", 1),
};
const shows = {
  "": () => true,
  review: (i) => Boolean(tokens[i].doubt),
  contradicted: (i) => Boolean(tokens[i].doubt?.some((kind) => kind === "contradicted" || kind === "untrue")),
  redrawn: (i) => tokens[i].redraws > 0,
  moving: (i) => Boolean(tokens[i].moves),
  decided: (i) => decisions.has(tokens[i].id),
};

// Every word must stand in the token's name, number or traits; #12 is that number alone.
function finder(query) {
  const tests = query.split(/\s+/).filter(Boolean).map((word) => {
    const id = /^#\d+$/.test(word) ? Number(word.slice(1)) : null;
    return id === null ? (i) => haystacks[i].includes(word) : (i) => tokens[i].id === id;
  });
  return (i) => tests.every((test) => test(i));
}

// Values of one trait widen the choice, traits narrow it. A value's count is what choosing it
// would show: tokens that fail no other trait.
function select() {
  const named = finder(fold(choice.q.trim()));
  const shown = shows[choice.show] ?? shows[""];
  const wanted = [...choice.is];
  const matches = [];
  const counts = facts.traits.map((trait) => new Uint32Array(trait.values.length));
  for (let i = 0; i < tokens.length; i++) {
    if (!named(i) || !shown(i)) continue;
    const { traits } = tokens[i];
    const failed = wanted.filter(([trait, values]) => !values.has(traits[trait]));
    if (!failed.length) matches.push(i);
    if (failed.length > 1) continue;
    for (let trait = 0; trait < traits.length; trait++) {
      if ((!failed.length || failed[0][0] === trait) && traits[trait] >= 0) counts[trait][traits[trait]]++;
    }
  }
  matches.sort(orders[choice.order] ?? byNumber);
  return { matches, counts };
}

function refresh() {
  const { matches, counts } = select();
  visible = matches;
  for (const box of boxes) {
    const [trait, value] = [Number(box.dataset.trait), Number(box.dataset.value)];
    const number = counts[trait][value];
    box.checked = choice.is.get(trait)?.has(value) ?? false;
    box.disabled = !number && !box.checked;
    box.nextElementSibling.querySelector("small").textContent = count(number);
  }
  const picked = boxes.filter((b) => b.checked).length;
  byId("chosen").textContent = picked ? `: ${picked} chosen` : "";
  byId("show-all").hidden = !picked && !choice.q && !choice.show;
  byId("nothing").hidden = visible.length > 0;
  byId("matches").textContent = visible.length === tokens.length
    ? `${count(tokens.length)} ${tokens.length === 1 ? "token" : "tokens"}`
    : `${count(visible.length)} of ${count(tokens.length)} tokens`;
  reachable = visible[0] ?? null;
  places = null;
  draw();
}

// --- rows in view

let places = null;  // position -> place in `visible`
const placeInSheet = (i) => (places ??= new Map(visible.map((each, place) => [each, place]))).get(i) ?? -1;
let columns = 1;
let rowHeight = 160;
let drawn = new Map();  // position -> its <li>

function measure() {
  const style = getComputedStyle(list);
  columns = style.gridTemplateColumns.split(" ").length;
  const tile = list.firstElementChild;
  if (tile) rowHeight = tile.getBoundingClientRect().height + parseFloat(style.rowGap);
}

function range() {
  const rows = Math.ceil(visible.length / columns);
  if (printing) return [0, Math.min(rows, Math.ceil(PRINTED / columns)), rows];
  const top = -list.getBoundingClientRect().top / rowHeight;
  const from = Math.max(0, Math.min(Math.floor(top) - BEYOND, rows - 1));
  const to = Math.max(from + BEYOND, Math.ceil(top + innerHeight / rowHeight) + BEYOND);
  return [from, Math.min(rows, to), rows];
}

function drawRows() {
  const [from, to, rows] = range();
  const part = visible.slice(from * columns, to * columns);
  const focused = list.contains(document.activeElement);
  if (!part.includes(reachable) && !focused) reachable = part[0] ?? null;
  const next = new Map(part.map((i) => [i, drawn.get(i) ?? tile(i)]));
  drawn = next;
  const nodes = [...next.values()];
  // Nodes that stay are not moved, so that focus and pictures stay, too.
  for (const node of [...list.children]) if (next.get(Number(node.dataset.place)) !== node) node.remove();
  nodes.forEach((node, n) => { if (list.children[n] !== node) list.insertBefore(node, list.children[n] ?? null); });
  part.forEach((i, n) => {
    next.get(i).setAttribute("aria-posinset", from * columns + n + 1);
    next.get(i).setAttribute("aria-setsize", visible.length);
    next.get(i).firstElementChild.tabIndex = i === reachable ? 0 : -1;
  });
  list.style.paddingTop = `${from * rowHeight}px`;
  list.style.paddingBottom = `${Math.max(0, rows - to) * rowHeight}px`;
}

function draw() {
  drawRows();
  const [before, high] = [columns, rowHeight];
  measure();
  if (before !== columns || Math.abs(high - rowHeight) > 0.5) drawRows();
}

function redrawTile(i) {
  const node = drawn.get(i);
  if (!node) return;
  const focused = node.contains(document.activeElement);
  const fresh = tile(i);
  node.replaceWith(fresh);
  drawn.set(i, fresh);
  if (focused) fresh.firstElementChild.focus({ preventScroll: true });
}

function tile(i) {
  const token = tokens[i];
  // Not `token-12`: the browser would follow the address to it and take the focus off the dialog.
  const node = element("li", null, { id: `tile-${token.id}`, "data-place": i });
  const link = element("a", null, { href: `#token-${token.id}` });
  link.append(thumbnail(i, isVeiled(i) ? `${token.name}, blurred` : token.name), element("span", token.id, { class: "no" }));
  if (token.rank !== undefined) link.append(element("span", `rank ${token.rank}`, { class: "rank" }));
  if (token.moves) link.append(element("span", "\u25b6", { class: "moves", role: "img", "aria-label": "moves" }));
  if (facts.labels) link.append(element("bdi", token.label ? token.name : "\u00a0", { class: "label" }));
  link.tabIndex = i === reachable ? 0 : -1;
  node.append(link);
  const mark = decisions.get(token.id)?.decision ?? (token.doubt ? "doubt" : null);
  if (mark) node.append(element("span", MARKS[mark], { class: `mark ${mark}` }));
  return node;
}

// Buttons where the pointer is; the keyboard has k, r and x.
function offerVerbs({ target }) {
  const node = target.closest("li");
  if (!node || node.querySelector(".tile-verbs") || choice.size === "small") return;
  const token = tokens[Number(node.dataset.place)];
  const box = element("span", null, { class: "tile-verbs" });
  for (const [verb, name] of Object.entries({ keep: "Keep", redraw: "Redraw", reject: "Reject" })) {
    box.append(element("button", name[0], {
      type: "button", tabindex: -1, "data-decide": verb, "data-id": token.id,
      "aria-label": `${name} #${token.id}`, title: name,
    }));
  }
  node.append(box);
}

// --- arrow keys

function reach(i, focus = false) {
  if (drawn.has(reachable)) drawn.get(reachable).firstElementChild.tabIndex = -1;
  reachable = i;
  if (i === null) return;
  if (focus) bringIntoView(i);
  const link = drawn.get(i)?.firstElementChild;
  if (link) link.tabIndex = 0;
  if (focus) link?.focus({ preventScroll: true });
}

function bringIntoView(i) {
  const top = list.getBoundingClientRect().top + Math.floor(placeInSheet(i) / columns) * rowHeight;
  if (top < 0) scrollBy(0, top - 16);
  else if (top + rowHeight > innerHeight) scrollBy(0, top + rowHeight - innerHeight + 16);
  drawRows();
}

function arrow(event) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const ends = { Home: 0, End: visible.length - 1 };
  const next = event.key in ends ? ends[event.key] : placeInSheet(reachable) + (steps[event.key] ?? NaN);
  if (!(next in visible) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  reach(visible[next], true);
}
