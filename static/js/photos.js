/* Files of an entry form, sent ahead of it: photographs made small, straightened if one wants, sent in pieces
   that go on after a cut. Without this script the form sends them itself. */
const PIECE = 128 * 1024;
// A page that is read well: about 200 points an inch on A4, in some 300 KB.
const LONGEST = 2000;
const ENOUGH = 320 * 1024;
const QUALITIES = [0.8, 0.65, 0.5, 0.4];
const PAUSES = [1, 2, 5, 10, 20, 30];
const pending = new Set();

document.querySelectorAll("[data-files]").forEach(begin);
document.addEventListener("formset:added", (event) => event.target.querySelectorAll("[data-files]").forEach(begin));
document.addEventListener("submit", hold, true);

function begin(box) {
  if (box.dataset.name.includes("__prefix__") || box.dataset.isReady) return;
  box.dataset.isReady = "1";
  const input = box.querySelector("[type=file]");
  input.addEventListener("change", () => {
    const chosen = [...input.files];
    // Sent ahead: the form need not send them again.
    input.value = "";
    chosen.forEach((file) => add(box, file));
  });
  if (!/Android|iPhone|iPad/.test(navigator.userAgent)) return;
  const camera = make("input", { type: "file", accept: "image/*", hidden: true });
  camera.setAttribute("capture", "environment");
  camera.addEventListener("change", () => {
    [...camera.files].forEach((file) => add(box, file));
    camera.value = "";
  });
  const shoot = make("button", { type: "button", className: "photo", textContent: "Photographier une page" });
  shoot.addEventListener("click", () => camera.click());
  input.before(shoot, camera);
}

/* One file: its line, its picture, what it weighs, how far it is. */
async function add(box, file) {
  const line = make("li", {});
  const said = make("span", {});
  said.setAttribute("role", "status");
  const bar = make("progress", { max: 1, value: 0 });
  bar.setAttribute("aria-label", `Envoi de ${file.name}`);
  const sending = { box, line, said, bar, name: file.name, turn: 0 };
  pending.add(sending);
  const remove = make("button", { type: "button", textContent: "Enlever" });
  remove.setAttribute("aria-label", `Enlever ${file.name}`);
  remove.addEventListener("click", () => take(sending));
  line.append(said, " ", bar, " ", remove);
  box.querySelector(".arrived").append(line);
  said.textContent = `${file.name}, ${weight(file.size)}`;
  const picture = /^image\//.test(file.type) ? await read(file) : null;
  if (!picture) return send(sending, file, file.name);
  const straighten = make("button", { type: "button", textContent: "Redresser" });
  straighten.setAttribute("aria-label", `Redresser ${file.name}`);
  straighten.addEventListener("click", () => square(sending, picture, straighten));
  remove.before(straighten, " ");
  show(sending, picture);
  send(sending, await small(picture), jpeg(file.name), file.size);
}

/* The picture that a file holds, upright; null where this browser does not read it: the registry will. */
async function read(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = make("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function show(sending, picture) {
  const canvas = drawn(picture, 72);
  canvas.setAttribute("aria-hidden", "true");
  sending.line.querySelector("canvas")?.remove();
  sending.line.prepend(canvas, " ");
}

async function small(picture) {
  const canvas = drawn(picture, LONGEST);
  let made = null;
  for (const quality of QUALITIES) {
    made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (made.size <= ENOUGH) break;
  }
  return made;
}

/* Corners are proposed and dragged; what they enclose becomes the page. */
async function square(sending, picture, opener) {
  const { scanDocument, extractDocument, createCornerEditor } = await import(sending.box.dataset.straighten);
  const source = drawn(picture, LONGEST);
  const dialog = make("dialog", { className: "corners" });
  dialog.setAttribute("aria-label", `Redresser ${sending.name}`);
  const stage = make("div", { className: "stage" });
  const keep = make("button", { type: "button", textContent: "Garder ainsi" });
  const leave = make("button", { type: "button", textContent: "Ne rien changer" });
  const told = make("p", { textContent: "Posez chaque coin sur un coin de la page : au doigt, ou par les flèches du clavier." });
  dialog.append(told, stage, keep, " ", leave);
  document.body.append(dialog);
  dialog.showModal();
  const { corners } = await scanDocument(source, { mode: "detect" }).catch(() => ({}));
  const editor = createCornerEditor({ container: stage, image: source, corners: corners || undefined, injectStyles: false, toolbar: { enabled: false } });
  const close = () => {
    editor.destroy();
    dialog.close();
    dialog.remove();
    opener.focus();
  };
  leave.addEventListener("click", close);
  dialog.addEventListener("cancel", close);
  keep.addEventListener("click", async () => {
    const { output } = await extractDocument(source, editor.getCorners(), { output: "canvas" });
    // From now on the form waits for it: saved before it is made small, it would go without the page.
    pending.add(sending);
    close();
    show(sending, output);
    forget(sending);
    send(sending, await small(output), jpeg(sending.name));
  });
}

/* In pieces; after a cut, from where the registry says that it has come to. */
async function send(sending, content, name, before) {
  const turn = ++sending.turn;
  pending.add(sending);
  sending.bar.hidden = false;
  const { box, said, bar } = sending;
  const size = before && before > content.size ? `${weight(before)}, envoyée en ${weight(content.size)}` : weight(content.size);
  const tell = (words) => (said.textContent = `${sending.name}, ${size}${words}`);
  tell("");
  if (content.size > Number(box.dataset.most)) {
    pending.delete(sending);
    bar.hidden = true;
    return tell(` : ${weight(Number(box.dataset.most))} au plus. Réduisez-le ou découpez-le.`);
  }
  let upload = null;
  for (let failed = 0; sending.turn === turn; ) {
    try {
      if (!upload) upload = await ask(box.dataset.begin, { method: "POST", body: new URLSearchParams({ name, size: content.size }) });
      else if (failed) upload = await ask(upload.address, {});
      // An empty piece asks for what was cut as it was looked into.
      while (!upload.ready && sending.turn === turn) {
        const piece = content.slice(upload.received, upload.received + PIECE);
        upload = await ask(`${upload.address}?de=${upload.received}`, { method: "POST", body: piece });
        failed = 0;
        bar.value = upload.received / content.size;
        bar.textContent = `${Math.round(bar.value * 100)} %`;
      }
      break;
    } catch (error) {
      if (error.isRefusal) {
        pending.delete(sending);
        bar.hidden = true;
        return tell(` : ${error.message}`);
      }
      if (error.isAnswer && failed >= PAUSES.length) {
        pending.delete(sending);
        bar.hidden = true;
        return tell(" : le registre ne la prend pas pour l’instant. Enlevez-la et recommencez, ou enregistrez sans elle.");
      }
      tell(error.isAnswer ? " : le registre tarde à répondre, l’envoi reprendra." : " : le réseau est coupé, l’envoi reprendra de lui-même.");
      await pause(PAUSES[Math.min(failed++, PAUSES.length - 1)]);
    }
  }
  if (sending.turn !== turn) return;
  sending.upload = upload;
  sending.line.append(make("input", { type: "hidden", name: box.dataset.name, value: upload.reference }));
  bar.hidden = true;
  tell(" : envoyée.");
  pending.delete(sending);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

async function ask(address, options) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(address, { ...options, headers: { "X-CSRFToken": token, Accept: "application/json" }, credentials: "same-origin" });
  if (answer.ok && !answer.redirected) return answer.json();
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 400 && said.error) throw Object.assign(new Error(said.error), { isRefusal: true });
  if (answer.redirected || answer.status === 403 || answer.status === 404) {
    const words = "envoi refusé : connectez-vous de nouveau dans un autre onglet, puis choisissez-la encore.";
    throw Object.assign(new Error(words), { isRefusal: true });
  }
  throw Object.assign(new Error(answer.status), { isAnswer: true });
}

/* After a while, or as soon as the network is back. */
function pause(seconds) {
  return new Promise((done) => {
    setTimeout(done, seconds * 1000);
    window.addEventListener("online", done, { once: true });
  });
}

/* What was sent of an earlier turn goes. */
function forget(sending) {
  sending.line.querySelector("[type=hidden]")?.remove();
  if (sending.upload) ask(sending.upload.address, { method: "DELETE" }).catch(() => {});
  sending.upload = null;
}

function take(sending) {
  sending.turn++;
  pending.delete(sending);
  forget(sending);
  sending.line.remove();
  sending.box.querySelector("[type=file]").focus();
}

/* The form waits for what is on its way, then goes as it was asked to. */
function hold(event) {
  const form = event.target;
  const own = [...pending].filter((sending) => form.contains(sending.line));
  if (!own.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  own[0].line.scrollIntoView({ block: "center" });
  const { submitter } = event;
  const wait = setInterval(() => {
    if ([...pending].some((sending) => form.contains(sending.line))) return;
    clearInterval(wait);
    // What was refused stays before one's eyes: without it, one saves by pressing again.
    const refused = own.find((sending) => sending.line.isConnected && !sending.upload);
    if (refused) refused.line.querySelector("button").focus();
    else form.requestSubmit(submitter);
  }, 200);
}

function jpeg(name) {
  return `${name.replace(/\.\w+$/, "")}.jpg`;
}

function weight(bytes) {
  const mega = bytes / 2 ** 20;
  const shown = mega >= 1 ? mega : bytes / 1024;
  return `${shown.toLocaleString("fr-FR", { maximumFractionDigits: mega >= 1 ? 1 : 0 })}\u00a0${mega >= 1 ? "Mo" : "Ko"}`;
}

function make(tag, facts) {
  return Object.assign(document.createElement(tag), facts);
}
