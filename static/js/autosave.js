/* Sends a form as it is typed, a moment after the last key. Without it the button does the same. */
"use strict";

const form = document.querySelector("form[data-autosave]");
const said = form.querySelector("output");
const version = form.querySelector("[name=opened_version]");
let timer = null;
let isSending = false;

form.addEventListener("input", () => {
  said.textContent = "";
  schedule();
});

// What was typed before this script came, on a slow line.
if ([...form.elements].some((field) => field.type !== "hidden" && field.value !== field.defaultValue)) schedule();

form.addEventListener("submit", () => {
  clearTimeout(timer);
  window.removeEventListener("beforeunload", warn);
});

function schedule() {
  window.addEventListener("beforeunload", warn);
  clearTimeout(timer);
  timer = setTimeout(save, 1500);
}

function warn(event) {
  event.preventDefault();
}

/* Signing in elsewhere has made this page's token too old: the same page, asked again, has the new one. */
async function takeNewToken() {
  const page = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const token = fresh.querySelector("form[data-autosave] [name=csrfmiddlewaretoken]");
  if (token) form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
  return Boolean(token);
}

async function save() {
  if (isSending) return schedule();
  isSending = true;
  const sent = JSON.stringify([...new FormData(form)]);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Autosave": "1" },
    });
    if (answer.status === 403) {
      const isSignedIn = await takeNewToken();
      said.textContent = isSignedIn
        ? "Pas encore enregistré : nouvel essai dans un instant."
        : "Pas encore enregistré : reconnectez-vous dans un autre onglet, la suite se fait ici toute seule.";
      timer = setTimeout(save, isSignedIn ? 2000 : 10000);
    } else if (answer.ok) {
      version.value = (await answer.json()).version;
      said.textContent = "Enregistré à " + new Date().toLocaleTimeString("fr-FR");
      const typedOn = JSON.stringify([...new FormData(form)].filter(([name]) => name !== "opened_version"));
      const wasSent = JSON.stringify(JSON.parse(sent).filter(([name]) => name !== "opened_version"));
      if (typedOn === wasSent) window.removeEventListener("beforeunload", warn);
      else schedule();
    } else {
      said.textContent = "Pas enregistré : appuyez sur le bouton pour voir pourquoi.";
    }
  } catch {
    said.textContent = "Pas de réseau : votre texte est encore ici, nouvel essai dans un instant.";
    timer = setTimeout(save, 10000);
  } finally {
    isSending = false;
  }
}
