/* What an entry form fills in by itself, and what it adds up. Without it everything can be typed. */
const errors = document.querySelector(".errors[role=alert]");
// After Django's own script, which goes to the first field.
if (errors) window.addEventListener("load", () => setTimeout(() => errors.focus()));

/* What a link of the page leads to is seen, even in a part that is folded. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link?.hash ? document.getElementById(decodeURIComponent(link.hash.slice(1))) : null;
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
});

const COPIED = ["currency", "nature", "kind", "funder"];

document.addEventListener("formset:added", (event) => {
  const line = event.target;
  const [, group, number] = line.id.match(/^(\w+)-(\d+)$/) || [];
  if (group && number > 0) COPIED.forEach((name) => copy(`${group}-${number - 1}-${name}`, `${group}-${number}-${name}`));
});

/* The choice of the line before, as most lines of one convention are given by the same, in one currency. */
function copy(from, to) {
  const [before, now] = [from, to].map((name) => document.querySelector(`select[name="${name}"]`));
  if (!before || !now || !before.value) return;
  const chosen = before.selectedOptions[0];
  if (![...now.options].some((one) => one.value === chosen.value)) now.append(new Option(chosen.text, chosen.value));
  now.value = chosen.value;
  django.jQuery(now).trigger("change");
}

/* « 450 000 XOF » under the lines of money, as they are typed. */
const money = document.querySelector("#budget_lines-group");
if (money) {
  const said = document.createElement("output");
  said.className = "running";
  money.querySelector("fieldset").append(said);
  const tell = () => {
    const sums = new Map();
    for (const field of money.querySelectorAll("[name$=-amount]")) {
      const line = field.closest(".inline-related");
      const amount = Number(field.value.replace(/[\s\u00a0\u202f]/g, "").replace(",", "."));
      const isGone = line.querySelector("[name$=-DELETE]")?.checked || line.classList.contains("empty-form");
      const currency = line.querySelector("[name$=-currency]")?.value;
      if (amount && currency && !isGone) sums.set(currency, (sums.get(currency) || 0) + amount);
    }
    const told = [...sums].map(([currency, sum]) => `${sum.toLocaleString("fr-FR")}\u00a0${currency}`);
    said.textContent = told.length ? `Ensemble\u00a0: ${told.join(" ; ")}` : "";
  };
  ["input", "change"].forEach((name) => money.addEventListener(name, tell));
  document.addEventListener("formset:removed", tell);
  tell();
}

/* An amount may be given to an action that is added above it. */
function offerActions() {
  const titles = [...document.querySelectorAll("input[name^=actions-][name$=-title]")].filter((field) => {
    const [place] = field.name.match(/\d+/) || [];
    return place && field.value.trim() && !document.querySelector(`[name="actions-${place}-id"]`)?.value;
  });
  for (const list of document.querySelectorAll("select[name^=budget_lines-][name$=-action]")) {
    const { value } = list;
    list.querySelectorAll("option[value^=nouvelle-]").forEach((option) => option.remove());
    for (const field of titles) list.append(new Option(field.value.trim(), `nouvelle-${field.name.match(/\d+/)[0]}`));
    list.value = value;
    if (list.selectedIndex < 0) list.selectedIndex = 0;
  }
}
if (money) {
  document.addEventListener("change", (event) => event.target.name?.match(/^actions-\d+-title$/) && offerActions());
  ["formset:added", "formset:removed"].forEach((name) => document.addEventListener(name, offerActions));
  offerActions();
}

/* A title from the parties and the years, as long as the person writes none of their own. */
const title = document.querySelector("#convention_form [name=title]");
if (title) {
  let proposed = title.value ? null : "";
  const propose = () => {
    if (proposed === null || title.value !== proposed) return;
    const parties = [...document.querySelectorAll("select[name^=parties-][name$=-partner]")]
      .map((select) => select.selectedOptions[0])
      .filter((option) => option && option.value)
      .map((option) => option.text.replace(/\s*[(–,].*$/, ""));
    const years = ["starts_on", "ends_on"]
      .map((name) => document.querySelector(`[name=${name}]`).value.trim().match(/^\d{4}(?=-|$)|\d{4}$/)?.[0])
      .filter(Boolean);
    if (parties.length > 1) title.value = proposed = [`Convention ${parties.join(" – ")}`, years.join(" – ")].filter(Boolean).join(", ");
  };
  document.addEventListener("change", propose);
  if (window.django?.jQuery) django.jQuery(document).on("change", "select", propose);
}
