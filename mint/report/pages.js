// What differs where the report has more pages than this one.
const pageWith = (id) => facts.pages.find(({ first, last }) => first <= id && id <= last);
const elsewhere = (id) => (position.has(id) ? undefined : pageWith(id));
const linkTo = (id) => `${pageWith(id).file}#token-${id}`;

// An address with a token of another page leads there, and takes the reader's choice along.
const followHere = follow;
follow = () => {
  const id = /^#token-(\d+)/.exec(location.hash);
  const other = id && elsewhere(Number(id[1]));
  if (other) return location.replace(other.file + location.hash);
  followHere();
};

// A number is found on any page, and all other pages are opened with what is chosen here.
const refreshHere = refresh;
refresh = () => {
  refreshHere();
  const id = Number(/^#?(\d+)$/.exec(choice.q.trim())?.[1]);
  const other = elsewhere(id);
  const note = byId("elsewhere");
  note.hidden = !other;
  if (other) {
    const link = element("a", `#${id}`, { href: linkTo(id) });
    note.replaceChildren("Token ", link, ` is on the page of tokens ${other.name}. Enter opens it.`);
    byId("nothing").hidden = true;
  }
  const query = address().split("?")[1];
  for (const link of document.querySelectorAll(".pages a")) {
    link.hash = query ? `#sheet?${query}` : "#sheet";
  }
};
tools?.addEventListener("submit", () => byId("elsewhere").querySelector("a[href]")?.click());

const rarityHere = rarity;
rarity = (more) => rarityHere(more).replace(` of ${count(tokens.length)},`, ` of ${count(facts.total)},`);

// A build tells of all tokens. Whether the pictures of another page are new is not known here.
const sayHere = say;
say = (words) => { if (!words?.startsWith("There are new pictures")) sayHere(words); };

// The row has of a token elsewhere what is to be seen of it here.
const fillNearestHere = fillNearest;
fillNearest = (i, nearest) => {
  fillNearestHere(i, nearest);
  if (!nearest || !elsewhere(nearest[0])) return;
  const [id, likeness, name, veil] = nearest;
  slots["nearest-box"].hidden = false;
  slots.likeness.textContent = `Likeness ${likeness.toFixed(3)}, where 1 is the same picture.`;
  const box = thumbnail(undefined, veil ? `${name}, blurred` : name, id);
  if (veil) box.classList.add("veiled");
  const link = element("a", null, { href: linkTo(id) });
  link.append(figure(box, `#${id}, on another page`));
  slots.nearest.replaceChildren(figure(fullPicture(i, tokens[i].name), `#${tokens[i].id}`), link);
};

// Another page of this report may have decided since, in another tab or before the reader came back.
async function recallAgain() {
  const before = [...decisions.keys()];
  decisions.clear();
  await recallDecisions();
  showDecisions();
  for (const id of [...before, ...decisions.keys()]) redrawTile(position.get(id));
  if (open !== null) fillDecision(open);
}
addEventListener("storage", ({ key }) => { if (key === SHELF) recallAgain(); });
addEventListener("pageshow", ({ persisted }) => { if (persisted) recallAgain(); });
