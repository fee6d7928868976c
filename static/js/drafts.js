/* Keeps what is typed in an entry form on this device until it is saved: a power cut, a closed tab or an
   ended session loses nothing. Kept for one account and one record; offered when the form opens again. */
const mark = document.querySelector("[data-draft]");
const form = mark && mark.closest("form");
const HOUR = { hour: "2-digit", minute: "2-digit" };
// What belongs to the page, not to the person.
const OWN = ["csrfmiddlewaretoken", "form_key"];
let opened = null;
let isSent = false;
let timer = null;

sweep();
if (form) {
  // After the form's own scripts have made its lists.
  if (window.django?.jQuery) django.jQuery(() => setTimeout(begin));
  else begin();
}

/* The server names in a cookie each form that it has taken: what was kept of it has served. */
function sweep() {
  for (const [, name] of document.cookie.matchAll(/(form-[\w-]{22})=1/g)) {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("registre:") && JSON.parse(localStorage[key]).formKey === name) localStorage.removeItem(key);
    }
    document.cookie = `${name}=; path=/admin/; max-age=0`;
  }
}

function begin() {
  // A form that came back with errors holds what was typed: it is what is kept, under its new key.
  if (form.querySelector(".errors[role=alert]")) keep();
  else {
    opened = JSON.stringify(typed());
    const kept = JSON.parse(localStorage.getItem(mark.dataset.draft));
    if (kept && JSON.stringify(kept.fields) !== opened) offer(kept);
  }
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  if (window.django?.jQuery) django.jQuery(form).on("change", "select", later);
  document.addEventListener("formset:removed", later);
  document.addEventListener("visibilitychange", keep);
  window.addEventListener("pagehide", keep);
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && JSON.stringify(typed()) !== opened) event.preventDefault();
  });
  form.addEventListener("submit", () => {
    keep();
    isSent = true;
  });
}

/* [[name, value, label of a choice], …] of every field, as it would be sent. */
function typed() {
  return [...new FormData(form)]
    .filter(([name, value]) => !OWN.includes(name) && typeof value === "string")
    .map(([name, value]) => {
      const field = form.elements[name];
      const option = field?.options && [...field.options].find((one) => one.value === value);
      return option ? [name, value, option.text] : [name, value];
    });
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, 400);
}

function keep() {
  clearTimeout(timer);
  const fields = typed();
  if (isSent || JSON.stringify(fields) === opened) return;
  const kept = { at: Date.now(), formKey: form.elements.form_key.value, fields };
  try {
    localStorage.setItem(mark.dataset.draft, JSON.stringify(kept));
  } catch {
    // The device is full: the form works as before.
  }
}

function offer(kept) {
  const box = document.createElement("div");
  box.className = "errors draft";
  box.setAttribute("role", "status");
  const day = new Date(kept.at).toLocaleDateString("fr-FR", { day: "numeric", month: "long" });
  const hour = new Date(kept.at).toLocaleTimeString("fr-FR", HOUR).replace(":", "\u00a0h\u00a0");
  const said = document.createElement("p");
  said.textContent = `Reprendre votre saisie du ${day}, ${hour}\u00a0? Elle n’a pas été enregistrée.`;
  box.append(said, button("Reprendre", () => take(kept)), button("L’oublier", () => localStorage.removeItem(mark.dataset.draft)));
  form.before(box);

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", () => {
      act();
      box.remove();
    });
    return made;
  }
}

/* Lines find their place by their key, since others may have added some; new ones are added again. */
function take(kept) {
  const places = new Map();
  const ids = new Map(kept.fields.filter(([name]) => /^\w+-\d+-id$/.test(name)).map(([name, value]) => [name, value]));
  const groups = [...form.querySelectorAll("[data-inline-formset]")].map((group) => group.id.replace(/-group$/, ""));
  for (const group of groups) {
    const known = [...form.querySelectorAll(`[name^="${group}-"][name$="-id"]`)].filter((field) => field.value);
    const numbers = kept.fields.map(([name]) => name.match(`^${group}-(\\d+)-`)?.[1]).filter(Boolean);
    let empty = [...form.querySelectorAll(`[id^="${group}-"].inline-related:not(.has_original):not(.empty-form)`)].map((line) => line.id.split("-").pop());
    for (const number of new Set(numbers)) {
      const id = ids.get(`${group}-${number}-id`);
      if (id) {
        const same = known.find((field) => field.value === id);
        if (same) places.set(`${group}-${number}`, same.name.split("-")[1]);
      } else {
        if (!empty.length) empty = [added(group)];
        places.set(`${group}-${number}`, empty.shift());
      }
    }
  }
  for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = false;
  for (const option of form.querySelectorAll("select[multiple] option")) option.selected = false;
  for (const [name, value, label] of kept.fields) {
    const [, group, number, rest] = name.match(/^(\w+)-(\d+)-(.+)$/) || [];
    if (/-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(name) || rest === "id") continue;
    if (group && !places.has(`${group}-${number}`)) continue;
    put(group ? `${group}-${places.get(`${group}-${number}`)}-${rest}` : name, value, label);
  }
  for (const select of form.querySelectorAll("select.admin-autocomplete")) django.jQuery(select).trigger("change");
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function added(group) {
  form.querySelector(`#${group}-group .add-row a, #${group}-group + .add-row a`).click();
  return String(Number(form.elements[`${group}-TOTAL_FORMS`].value) - 1);
}

function put(name, value, label) {
  const found = form.elements[name];
  if (!found) return;
  const fields = found instanceof RadioNodeList ? [...found] : [found];
  for (const field of fields) {
    if (field.type === "checkbox" || field.type === "radio") field.checked ||= field.value === value;
    else if (field.options) choose(field, value, label);
    else if (field.type !== "file") field.value = value;
  }
}

function choose(select, value, label) {
  if (!value) return (select.value = "");
  let option = [...select.options].find((one) => one.value === value);
  if (!option && label) select.append((option = new Option(label, value)));
  if (option) option.selected = true;
}
