// A part of a picture to be painted again: drawn here, sent to `mint preview` as a mask, which
// answers with the command. Nothing is painted by the page.
const retouch = { form: slots.retouch, canvas: null, drawn: false, last: null, token: null };
const GRAIN = 512;  // pixels of the mask's longer side

function offerRetouch() {
  const { form } = retouch;
  card.querySelector("[data-retouch]").hidden = false;
  form.elements.trait.addEventListener("change", fillValues);
  form.addEventListener("reset", (event) => { event.preventDefault(); clearMask(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); sendMask(); });
}

function closeRetouch() {
  retouch.canvas?.remove();
  retouch.canvas = null;
  retouch.form.hidden = true;
  card.querySelector("[data-retouch]").setAttribute("aria-expanded", "false");
}

function openRetouch(i) {
  if (retouch.canvas) return closeRetouch();
  const { form } = retouch;
  const unique = tokens[i].traits.some((value, k) => value >= 0 && facts.traits[k].name === "One of one");
  const choices = facts.traits.map((trait, k) => [trait.name, k])
    .filter(([, k]) => !unique && tokens[i].traits[k] >= 0);
  form.elements.trait.replaceChildren(new Option("all as it is", ""), ...choices.map(([name, k]) => new Option(name, k)));
  retouch.token = i;
  fillValues();
  const scale = GRAIN / Math.max(facts.wide, facts.high);
  retouch.canvas = element("canvas", null, {
    class: "mask", "aria-label": "Where the picture may change",
    width: Math.round(facts.wide * scale), height: Math.round(facts.high * scale),
  });
  for (const name of ["pointerdown", "pointermove"]) retouch.canvas.addEventListener(name, brush);
  slots.picture.append(retouch.canvas);
  clearMask();
  form.hidden = false;
  card.querySelector("[data-retouch]").setAttribute("aria-expanded", "true");
}

function fillValues() {
  const { trait, value } = retouch.form.elements;
  const choice = facts.traits[Number(trait.value)];
  const names = trait.value === "" ? [] : choice.values.map((each) => each.name);
  const own = choice?.values[tokens[retouch.token].traits[Number(trait.value)]]?.name;
  value.replaceChildren(...names.map((name) => new Option(name, name, name === own, name === own)));
  value.disabled = !names.length;
}

function brush(event) {
  if (!(event.buttons & 1)) return void (retouch.last = null);
  event.preventDefault();
  const { canvas, form } = retouch;
  const box = canvas.getBoundingClientRect();
  const [x, y] = [(event.clientX - box.left) / box.width * canvas.width, (event.clientY - box.top) / box.height * canvas.height];
  const pen = canvas.getContext("2d");
  pen.strokeStyle = "white";
  pen.lineCap = pen.lineJoin = "round";
  pen.lineWidth = Number(form.elements.brush.value) / 100 * GRAIN;
  const from = event.type === "pointermove" && retouch.last ? retouch.last : [x, y];
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(x + .01, y);
  pen.stroke();
  retouch.last = [x, y];
  retouch.drawn = true;
}

function clearMask() {
  const { canvas } = retouch;
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  retouch.drawn = false;
  retouch.last = null;
  slots["retouch-command"].hidden = true;
}

// White on black, as `mint retouch --mask` reads it.
function maskPng() {
  const { canvas } = retouch;
  const flat = element("canvas", null, { width: canvas.width, height: canvas.height });
  const pen = flat.getContext("2d");
  pen.fillStyle = "black";
  pen.fillRect(0, 0, flat.width, flat.height);
  pen.drawImage(canvas, 0, 0);
  return flat.toDataURL("image/png").split(",")[1];
}

async function sendMask() {
  const { trait, value } = retouch.form.elements;
  const name = trait.value === "" ? undefined : facts.traits[Number(trait.value)].name;
  if (!name && !retouch.drawn) return say("Paint over what may change, or choose a trait.");
  const words = {
    token_id: tokens[retouch.token].id,
    ...(name && { trait: name, value: value.value }),
    ...(retouch.drawn && { png: maskPng() }),
  };
  try {
    const answer = await fetch("/api/masks", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(words),
    });
    const { command, error, hint } = await answer.json();
    if (!answer.ok) return say(`Not saved: ${[error, hint].filter(Boolean).join("; ")}`);
    slots.command.textContent = command;
    slots["retouch-command"].hidden = false;
    say("Run the command, then mint build.");
  } catch {
    say("Not saved: mint preview does not answer. Is it still running?");
  }
}
