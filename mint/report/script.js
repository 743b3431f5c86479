// The contact sheet (search, filter, order, arrow keys) and the card of one token.
// Text of the artist only ever reaches the page as textContent, never as markup.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const facts = JSON.parse(byId("facts").textContent);
  const tokens = JSON.parse(byId("tokens").textContent);
  async function copy(button) {
    const text = button.parentElement.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {  // no clipboard for this page: mark the text for the reader's own copy command
      getSelection().selectAllChildren(button.parentElement.querySelector("code"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });

  if (!tokens.length) return;

  const list = byId("tiles");
  const tiles = [...list.children];
  const links = tiles.map((tile) => tile.firstElementChild);
  const tools = byId("tools");
  const boxes = [...tools.querySelectorAll("[data-trait]")];
  const count = (n) => n.toLocaleString("en");
  let visible = tokens.map((_, i) => i);  // positions in `tokens`, in the order of the sheet

  // --- the sheet

  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const names = tokens.map((t) => fold(`${t.name} #${t.id}`));
  const orders = {
    id: (a, b) => tokens[a].id - tokens[b].id,
    rank: (a, b) => tokens[a].rank - tokens[b].rank || orders.id(a, b),
    common: (a, b) => tokens[b].rank - tokens[a].rank || orders.id(a, b),
  };

  function chosenValues() {
    const chosen = new Map();
    for (const box of boxes.filter((b) => b.checked)) {
      const trait = Number(box.dataset.trait);
      chosen.set(trait, (chosen.get(trait) ?? new Set()).add(Number(box.dataset.value)));
    }
    return [...chosen];
  }

  // Values of one trait widen the choice, traits narrow it.
  function matching(query, chosen) {
    const exact = /^#\d+$/.test(query) ? Number(query.slice(1)) : null;
    const named = (i) => (exact === null ? names[i].includes(query) : tokens[i].id === exact);
    const wanted = (i) => chosen.every(([trait, values]) => values.has(tokens[i].traits[trait]));
    return tokens.map((_, i) => i).filter((i) => named(i) && wanted(i));
  }

  function refresh() {
    const chosen = chosenValues();
    const query = fold(byId("search").value.trim());
    const matches = new Set(matching(query, chosen));
    const all = tokens.map((_, i) => i).sort(orders[byId("sort").value]);
    visible = all.filter((i) => matches.has(i));
    tiles.forEach((tile, i) => { tile.hidden = !matches.has(i); });
    reorder(all);
    const picked = boxes.filter((b) => b.checked).length;
    byId("chosen").textContent = picked ? `: ${picked} chosen` : "";
    byId("show-all").hidden = !picked && !query;
    byId("nothing").hidden = visible.length > 0;
    byId("matches").textContent = visible.length === tokens.length
      ? `${count(tokens.length)} ${tokens.length === 1 ? "token" : "tokens"}`
      : `${count(visible.length)} of ${count(tokens.length)} tokens`;
    reach(visible[0]);
  }

  let order = visible.join();
  function reorder(all) {
    if (all.join() === order) return;  // moving ten thousand pictures is worth avoiding
    order = all.join();
    const moved = document.createDocumentFragment();
    for (const i of all) moved.append(tiles[i]);
    list.append(moved);
  }

  // One stop of the Tab key for the whole sheet; arrow keys move within it.
  let reachable = null;
  function reach(i) {
    if (reachable !== null) links[reachable].tabIndex = -1;
    reachable = i ?? null;
    if (reachable !== null) links[reachable].tabIndex = 0;
  }

  function arrow(event) {
    const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const here = visible.indexOf(reachable);
    const ends = { Home: 0, End: visible.length - 1 };
    const next = event.key in ends ? ends[event.key] : here + (steps[event.key] ?? NaN);
    if (!(next in visible) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    reach(visible[next]);
    links[visible[next]].focus();
  }

  // --- the card

  const card = byId("card");
  const slots = Object.fromEntries(
    [...card.querySelectorAll("[data-slot]")].map((node) => [node.dataset.slot, node]));
  const position = new Map(tokens.map((t, i) => [t.id, i]));
  let open = null;

  function element(name, text, attributes = {}) {
    const node = document.createElement(name);
    if (text !== null) node.textContent = text;
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  }

  function traitRows(token) {
    const rows = facts.traits.flatMap((trait, i) => {
      const value = trait.values[token.traits[i]];
      if (!value) return [];
      const row = element("tr", null);
      const name = element("th", null, { scope: "row" });
      name.append(element("bdi", trait.name));
      const cell = element("td", null);
      cell.append(element("bdi", value.name));
      row.append(name, cell, element("td", value.share));
      return [row];
    });
    if (rows.length) return rows;
    const row = element("tr", null);
    row.append(element("td", "A one-of-one: painted from its own prompt, outside the trait table."));
    return [row];
  }

  function ipfs(slot, cid, name) {
    const uri = `ipfs://${cid}/${name}`;
    slots[slot].replaceChildren(cid ? element("a", uri, { href: uri, rel: "noreferrer" }) : "not packed yet");
  }

  function rarity(token) {
    if (token.rank === undefined) return "Not ranked yet";
    const only = token.unique === 1 ? "1 trait" : `${token.unique} traits`;
    return `Rarity rank ${count(token.rank)} of ${count(tokens.length)}, score ${token.score.toFixed(3)}`
      + (token.unique ? `; ${only} no other token has` : "");
  }

  function fill(i) {
    const token = tokens[i];
    const say = (slot, text) => { slots[slot].textContent = text; };
    const place = visible.indexOf(i);
    say("number", `#${token.id}`);
    say("place", place < 0 ? "outside the filter" : `${count(place + 1)} of ${count(visible.length)}`);
    say("name", token.name);
    say("rarity", rarity(token));
    for (const slot of ["seed", "prompt", "negative", "pixels", "file"]) say(slot, token[slot]);
    say("size", `${count(token.size)} bytes`);
    say("metadata", token.metadata ?? "not written yet");
    if (slots.drawn) say("drawn", token.drawn ? `#${token.drawn}` : "not drawn yet");
    say("attempt", token.attempt ? `painted again ${token.attempt} ×` : "none: this is the first attempt");
    slots["negative-row"].hidden = !token.negative;
    slots.unresolved.hidden = !token.unresolved;
    slots.traits.replaceChildren(...traitRows(token));
    slots.picture.src = links[i].querySelector("img").src;
    slots.picture.alt = token.prompt;
    slots.original.hidden = !facts.originals;
    slots["original-link"].href = `${facts.originals}/${token.id}.png`;
    ipfs("image-uri", facts.publication?.images, `${token.id}.png`);
    ipfs("metadata-uri", facts.publication?.metadata, `${token.id}.json`);
    for (const button of card.querySelectorAll("[data-step]")) {
      button.disabled = neighbour(i, Number(button.dataset.step)) === undefined;
    }
  }

  const neighbour = (i, step) => {
    const place = visible.indexOf(i);
    return place < 0 ? (step > 0 ? visible[0] : visible.at(-1)) : visible[place + step];
  };

  function show(i) {
    open = i;
    fill(i);
    if (!card.open) card.showModal();
    card.scrollTop = 0;
    slots.name.focus({ preventScroll: true });
  }

  function step(by) {
    const next = neighbour(open, by);
    if (next === undefined) return;
    history.replaceState(null, "", `#token-${tokens[next].id}`);
    show(next);
  }

  function closed() {
    if (location.hash.startsWith("#token-")) history.replaceState(null, "", "#sheet");
    if (!tiles[open].hidden) {
      reach(open);
      links[open].focus();
    }
    open = null;
  }

  function follow() {
    const id = /^#token-(\d+)$/.exec(location.hash);
    const i = id ? position.get(Number(id[1])) : undefined;
    if (i !== undefined) show(i);
    else if (card.open) card.close();
  }

  // --- listening

  tools.hidden = false;
  for (const link of links) link.tabIndex = -1;
  tools.addEventListener("input", refresh);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(refresh));
  list.addEventListener("keydown", arrow);
  list.addEventListener("focusin", (event) => reach(links.indexOf(event.target)));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#token-"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();  // the browser would scroll the tile to the top of the window first
    history.pushState(null, "", link.getAttribute("href"));
    follow();
  });
  card.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
    if (event.target === card || event.target.closest("[data-close]")) card.close();
  });
  card.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && !event.altKey && !event.ctrlKey && !event.metaKey) step(by);
  });
  card.addEventListener("close", closed);
  // Small art stays crisp: smoothed beyond three times its size it turns to fog.
  const wide = Number(slots.picture.getAttribute("width"));
  slots.picture.style.width = `max(24rem, ${wide * 3}px)`;
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  refresh();
  follow();
})();
