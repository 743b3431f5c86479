// What the reader chose, in the address: #token-12?q=fox&order=rank&is.Hat=crown
const DEFAULTS = { q: "", order: "id", show: "", size: byId("sheet").classList.contains("dense") ? "small" : "medium" };
const choice = { ...DEFAULTS, is: new Map() };  // is: place of a trait -> places of its values
let open = null;  // position of the token whose dialog is open

const placeOf = (items, name) => items.findIndex((item) => item.name === name);

function readAddress() {
  const [, place, query] = /^#([^?]*)\??(.*)$/s.exec(location.hash) ?? [null, "", ""];
  if (query) readChoice(new URLSearchParams(query));
  const id = /^token-(\d+)$/.exec(place);
  return { place, token: id ? position.get(Number(id[1])) : undefined, chosen: Boolean(query) };
}

function readChoice(parameters) {
  Object.assign(choice, DEFAULTS);
  choice.is = new Map();
  for (const [key, value] of parameters) {
    if (key in DEFAULTS) choice[key] = value;
    if (!key.startsWith("is.")) continue;
    const trait = placeOf(facts.traits, key.slice(3));
    const found = trait < 0 ? -1 : placeOf(facts.traits[trait].values, value);
    if (found >= 0) choice.is.set(trait, (choice.is.get(trait) ?? new Set()).add(found));
  }
}

function address() {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(DEFAULTS)) {
    if (choice[key] !== value) parameters.set(key, choice[key]);
  }
  for (const [trait, values] of choice.is) {
    const { name, values: named } = facts.traits[trait];
    for (const value of values) parameters.append(`is.${name}`, named[value].name);
  }
  const query = String(parameters);
  const place = open === null ? "sheet" : `token-${tokens[open].id}`;
  return `#${place}${query ? `?${query}` : ""}`;
}

function writeAddress(verb) {
  history[verb](null, "", address());
}
