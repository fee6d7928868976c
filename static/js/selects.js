// Lists of choices of the entry forms, named for who hears them: select2 says neither what its field nor
// what its search box is for.
function nameOne(select) {
  const container = select.nextElementSibling;
  const label = select.labels.length ? select.labels[0].textContent.replace(/\s*:\s*$/, "") : "";
  if (!label || !container || !container.classList.contains("select2-container")) return;
  const box = container.querySelector(".select2-selection");
  box.removeAttribute("aria-labelledby");
  box.setAttribute("aria-label", label);
  const shown = container.querySelector(".select2-selection__rendered");
  shown.removeAttribute("aria-readonly");
  shown.setAttribute("role", "presentation");
  const search = container.querySelector(".select2-search__field");
  if (search) search.setAttribute("aria-label", `${label}, chercher`);
}

/* « Ligne budgétaire 2 »: which of the lines a field is of. */
function numberLines() {
  for (const group of document.querySelectorAll(".inline-group")) {
    group.querySelectorAll(".inline-related:not(.empty-form)").forEach((line, place) => {
      line.setAttribute("aria-label", `${line.querySelector("h3 b").textContent} ${place + 1}`);
    });
  }
}

function nameAll(part) {
  part.querySelectorAll("select.admin-autocomplete").forEach(nameOne);
}

// Whoever pays is most often one of the parties: they are offered first.
function partiesFirst(options) {
  if (!/field_name=funder/.test(options.data || "")) return;
  const parties = [...document.querySelectorAll("select[name^=parties-][name$=-partner]")].map((list) => list.value);
  options.data += `&d_abord=${parties.filter(Boolean).join(",")}`;
}

// After the form's own scripts, which make the lists when jQuery says that the page is there.
if (window.django?.jQuery) {
  django.jQuery(() => nameAll(document));
  django.jQuery.ajaxPrefilter(partiesFirst);
  document.addEventListener("formset:added", (event) => {
    nameAll(event.target);
    numberLines();
  });
  document.addEventListener("formset:removed", numberLines);
}
