// The dialog of one token: its picture, what the judge saw, every attempt, its nearest look-alike.
const card = byId("card");
const slots = Object.fromEntries(
  [...card.querySelectorAll("[data-slot]")].map((node) => [node.dataset.slot, node]));
const VERDICTS = { seen: "seen", contradicted: "contradicted", unsure: "cannot say" };

function cell(words, attributes = {}) {
  const node = element("td", null, attributes);
  node.append(element("bdi", words));
  return node;
}

function judgedCell(judged) {
  if (!judged) return element("td", "not checked", { class: "unchecked", "data-label": "Seen" });
  const [, value, probability, verdict] = judged;
  const node = element("td", null, { class: verdict, "data-label": "Seen" });
  node.append(element("bdi", verdict === "unsure" ? "?" : value), " ",
    element("small", `${VERDICTS[verdict]}, ${probability.toFixed(2)}`));
  return node;
}

function traitRows(token, more) {
  const judged = new Map((more.judged ?? []).map((row) => [row[0], row]));
  const rows = facts.traits.flatMap((trait, i) => {
    const value = trait.values[token.traits[i]];
    if (!value) return [];
    const row = element("tr", null);
    const name = element("th", null, { scope: "row" });
    name.append(element("bdi", trait.name));
    row.append(name, cell(value.name), judgedCell(judged.get(i)), element("td", value.share));
    return [row];
  });
  slots["traits-head"].hidden = !rows.length;
  if (rows.length) return rows;
  const row = element("tr", null);
  row.append(element("td", "A one-of-one: painted from its own prompt, outside the trait table."));
  return [row];
}

function ipfs(slot, cid, name) {
  const uri = `ipfs://${cid}/${name}`;
  slots[slot].replaceChildren(cid ? element("a", uri, { href: uri, rel: "noreferrer" }) : "not packed yet");
}

function rarity(more) {
  if (more.rank === undefined) return "Not ranked yet";
  const only = more.unique === 1 ? "1 trait" : `${more.unique} traits`;
  return `Rarity rank ${count(more.rank)} of ${count(tokens.length)}, score ${more.score.toFixed(3)}`
    + (more.unique ? `; ${only} no other token has` : "");
}

function figure(box, words) {
  const node = element("figure", null);
  node.append(box, element("figcaption", words));
  return node;
}

function fillNearest(i, nearest) {
  const other = nearest && position.get(nearest[0]);
  slots["nearest-box"].hidden = other === undefined || other === null;
  if (slots["nearest-box"].hidden) return;
  slots.likeness.textContent = `Likeness ${nearest[1].toFixed(3)}, where 1 is the same picture.`;
  const link = element("a", null, { href: `#token-${tokens[other].id}` });
  link.append(figure(fullPicture(other, tokens[other].name), `#${tokens[other].id}`));
  slots.nearest.replaceChildren(figure(fullPicture(i, tokens[i].name), `#${tokens[i].id}`), link);
}

function attemptItem(i, attempt) {
  const node = element("li", null);
  const box = thumbnail(attempt.picture, `Attempt ${attempt.attempt}`, `${tokens[i].id}-${attempt.attempt}`);
  if (isVeiled(i)) box.classList.add("veiled");
  const words = element("div", null);
  words.append(element("b", `Attempt ${attempt.attempt}`));
  for (const reason of attempt.reasons) words.append(element("p", reason, { dir: "auto" }));
  if (attempt.where) words.append(placePainted(i, attempt));
  words.append(element("button", "Keep this one", { type: "button", "data-decide": "keep", "data-attempt": attempt.attempt }));
  node.append(box, words);
  return node;
}

// Where a part was painted again, over the picture that it was a part of.
function placePainted(i, { of, where }) {
  const before = details(i).attempts?.find((each) => each.attempt === of);
  const box = before ? thumbnail(before.picture, `Attempt ${of}`, `${tokens[i].id}-${of}`) : thumbnail(i, "");
  if (isVeiled(i)) box.classList.add("veiled");
  box.append(element("img", null, { class: "where", alt: "The part that was painted again", src: where }));
  return figure(box, "The part that was painted again");
}

function fillAttempts(i, { attempts, of, where }) {
  slots["attempts-box"].hidden = !attempts && !where;
  const current = element("li", null);
  const words = element("div", null);
  words.append(element("b", `Attempt ${attemptOf(i)}`), element("p", "The token's picture."));
  if (where) words.append(placePainted(i, { of, where }));
  current.append(thumbnail(i, ""), words);
  slots.attempts.replaceChildren(current, ...(attempts ?? []).map((a) => attemptItem(i, a)));
}

function fillDecision(i) {
  const decided = decisions.get(tokens[i].id);
  slots.decision.hidden = !decided;
  if (decided) {
    const reason = decided.reason ? `: ${decided.reason}` : "";
    slots.decision.textContent = `You decided: ${MARKS[decided.decision]}, attempt ${decided.attempt}${reason}`;
  }
  for (const button of card.querySelectorAll(".card-bar [data-decide]")) {
    button.setAttribute("aria-pressed", button.dataset.decide === decided?.decision);
  }
}

function fill(i) {
  closeRetouch();
  const [token, more] = [tokens[i], details(i)];
  const put = (slot, text) => { slots[slot].textContent = text; };
  const [negative, settings] = facts.recipes[more.recipe];
  const place = placeInSheet(i);
  put("number", `#${token.id}`);
  put("place", place < 0 ? "outside the filter" : `${count(place + 1)} of ${count(visible.length)}`);
  put("name", token.name);
  put("rarity", rarity(more));
  for (const slot of ["seed", "prompt", "pixels", "file"]) put(slot, more[slot]);
  put("negative", negative);
  put("settings", settings);
  put("bytes", `${count(more.size)} bytes`);
  put("metadata", more.metadata ?? "not written yet");
  if (slots.drawn) put("drawn", more.drawn ? `#${more.drawn}` : "not drawn yet");
  put("attempt", more.edited ? `${token.attempt}: ${more.edited}` : token.attempt ? `painted again ${token.attempt} ×` : "none: this is the first attempt");
  put("clip", `${token.clip} (CLIPScore)`);
  slots["clip-row"].hidden = token.clip === undefined;
  slots["negative-row"].hidden = !negative;
  slots.reasons.hidden = !more.reasons;
  slots.reasons.replaceChildren(...(more.reasons ?? []).map((words) => element("li", words, { dir: "auto" })));
  slots.traits.replaceChildren(...traitRows(token, more));
  const picture = fullPicture(i, more.prompt);
  if (more.film && facts.films && !isVeiled(i) && !repainted.has(i)) picture.append(film(i));
  slots.picture.replaceChildren(picture);
  fillFilm(i, more.film);
  fillWallpaper(i, more.wallpaper);
  if (isVeiled(i)) slots.picture.append(element("button", "Show the picture", { type: "button", class: "unveil" }));
  slots.original.hidden = !facts.originals;
  slots["original-link"].href = `${facts.originals}/${token.id}.png`;
  fillNearest(i, more.nearest);
  fillAttempts(i, more);
  fillDecision(i);
  ipfs("image-uri", facts.publication?.images, `${token.id}.png`);
  ipfs("metadata-uri", facts.publication?.metadata, `${token.id}.json`);
  for (const button of card.querySelectorAll("[data-step]")) {
    button.disabled = neighbour(i, Number(button.dataset.step)) === undefined;
  }
}

function fillFilm(i, film) {
  for (const slot of ["film-row", "film-uri-row", "frames-row", "mp4-row"]) slots[slot].hidden = !film;
  if (!film) return;
  slots.film.textContent = `${film.count} frames, ${film.fps} a second, ${count(film.size)} bytes; ${film.encoder}`;
  slots.frames.textContent = film.frames;
  slots.mp4.textContent = film.file;
  ipfs("film-uri", facts.publication?.animations, `${tokens[i].id}.mp4`);
}

// The published file, as a link to itself; nothing where it does not lie beside the report.
function fillWallpaper(i, wallpaper) {
  for (const slot of ["wallpaper-row", "wallpaper-uri-row"]) slots[slot].hidden = !wallpaper;
  const box = slots["wallpaper-box"];
  box.hidden = !wallpaper || !facts.wallpapers || isVeiled(i) || repainted.has(i);
  slots.wallpaper.replaceChildren();
  if (!wallpaper) return;
  slots["wallpaper-file"].textContent = wallpaper.file;
  ipfs("wallpaper-uri", facts.publication?.wallpapers, `${tokens[i].id}.png`);
  if (box.hidden) return;
  const [wide, high] = facts.canvas;
  const picture = element("img", null, { alt: `The wallpaper of ${tokens[i].name}`, width: wide, height: high });
  picture.addEventListener("error", () => { box.hidden = true; });
  picture.src = slots.wallpaper.href = `${facts.wallpapers}/${tokens[i].id}.png`;
  slots.wallpaper.append(picture);
  slots["wallpaper-size"].textContent = `${wide} × ${high} pixels, ${count(wallpaper.size)} bytes`;
}

function neighbour(i, step) {
  const place = placeInSheet(i);
  return place < 0 ? (step > 0 ? visible[0] : visible.at(-1)) : visible[place + step];
}

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
  open = next;
  writeAddress("replaceState");
  show(next);
}

function closed() {
  const last = open;
  slots.picture.querySelector("video")?.pause();
  open = null;
  if (location.hash.startsWith("#token-")) writeAddress("replaceState");
  if (placeInSheet(last) >= 0) reach(last, true);
}

function unveil(i) {
  unveiled.add(i);
  redrawTile(i);
  if (open !== null) fill(open);
}
