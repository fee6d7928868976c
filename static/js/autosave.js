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
    if (answer.redirected) {
      said.textContent = "Pas enregistré : reconnectez-vous dans un autre onglet, puis continuez ici.";
      timer = setTimeout(save, 10000);
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
