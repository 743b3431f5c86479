// What was built: the tokens and their pictures, as the page carries them, and small tools.
// Text of the artist only ever reaches the page as textContent, never as markup.
const byId = (id) => document.getElementById(id);
const count = (n) => n.toLocaleString("en");
const fold = (text) => text.normalize("NFKC").toLowerCase();
const served = location.protocol.startsWith("http");  // by `mint preview`

// One line of JSON for each token. The long rows stay text until their token is opened.
const text = (id) => byId(id)?.textContent ?? "";
const lines = (id) => text(id).split("\n");
const facts = JSON.parse(text("facts"));
const tokens = JSON.parse(`[${text("tokens").replaceAll("\n", ",")}]`);
const position = new Map(tokens.map((t, i) => [t.id, i]));
let longRows = null;
const details = (i) => JSON.parse((longRows ??= lines("details"))[i]);
const inPage = facts.beside ? null : lines("pictures");

function element(name, text, attributes = {}) {
  const node = document.createElement(name);
  if (text !== null) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

// --- pictures: the tokens' come first, those that were not chosen after them

document.documentElement.style.setProperty("--aspect", `${facts.wide} / ${facts.high}`);
const unveiled = new Set();  // positions of unsafe pictures that the reader wanted to see
const isVeiled = (i) => Boolean(tokens[i]?.veil) && !unveiled.has(i);
const repainted = new Map();  // position -> image, attempt and pixels that a build under way painted since
const attemptOf = (i) => repainted.get(i)?.attempt ?? tokens[i].attempt ?? 0;  // of the picture that is seen

function thumbnail(k, alt, name = tokens[k]?.id) {
  const box = element("span", null, { class: "thumb" });
  const beside = facts.beside ? `${facts.beside}/${name}.webp` : inPage[k];
  const src = repainted.get(k)?.image ?? beside;
  box.append(element("img", null, { alt, src, decoding: "async" }));
  if (isVeiled(k)) box.classList.add("veiled");
  return box;
}

// The published file where it lies beside the report; until it has come, and without it, the
// thumbnail.
function fullPicture(i, alt) {
  const box = thumbnail(i, alt);
  box.classList.add("whole");
  if (!facts.originals) return box;
  const large = element("img", null, { alt: "", class: "large" });
  large.hidden = true;
  large.addEventListener("load", () => { large.hidden = false; });
  large.addEventListener("error", () => { large.remove(); });
  large.src = repainted.get(i)?.image ?? `${facts.originals}/${tokens[i].id}.png`;
  box.append(large);
  return box;
}

// The film of a token that moves, over its picture; that stays where films cannot be played.
const still = matchMedia("(prefers-reduced-motion: reduce)");
function film(i) {
  const node = element("video", null, {
    class: "large film", "aria-label": `${tokens[i].name}, moving`, loop: "", playsinline: "", controls: "",
  });
  node.muted = true;
  node.autoplay = !still.matches;
  node.hidden = true;
  node.addEventListener("loadeddata", () => { node.hidden = false; });
  node.addEventListener("error", () => { node.remove(); });
  node.poster = `${facts.originals}/${tokens[i].id}.png`;
  node.src = `${facts.films}/${tokens[i].id}.mp4`;
  return node;
}

// Small pictures that stand in the text: drawn when they come into view.
const minis = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) drawMini(target);
}, { rootMargin: "300px" });
function drawMini(node) {
  minis.unobserve(node);
  if (!node.querySelector(".thumb")) node.prepend(thumbnail(Number(node.dataset.picture), ""));
}
for (const node of document.querySelectorAll("[data-picture]")) {
  if (Number(node.dataset.picture) < tokens.length) minis.observe(node);
}

// Behind an open dialog nothing is read or seen, so the words stand in both.
let silence = 0;
function say(words) {
  for (const id of ["news", "news-here"]) byId(id).textContent = words;
  clearTimeout(silence);
  if (words) silence = setTimeout(say, 6000, "");
}
