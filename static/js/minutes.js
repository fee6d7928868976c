/* Minutes written by several at once: each part is sent a moment after the last key, and what others
   wrote meanwhile comes back into it. Without this script its button does the same. */
(function () {
  "use strict";
  var forms = document.querySelectorAll("form[data-merge]");
  for (var index = 0; index < forms.length; index += 1) follow(forms[index]);

  function follow(form) {
    var said = form.querySelector("output");
    var timer = null;
    var sending = false;
    var dirty = false;

    form.addEventListener("input", function () {
      dirty = true;
      said.textContent = "";
      schedule(1500);
    });
    form.addEventListener("submit", function () {
      clearTimeout(timer);
      window.removeEventListener("beforeunload", warn);
    });

    function schedule(wait) {
      window.addEventListener("beforeunload", warn);
      clearTimeout(timer);
      timer = setTimeout(save, wait);
    }

    function warn(event) {
      event.preventDefault();
      event.returnValue = "";
    }

    function texts() {
      return form.querySelectorAll("textarea");
    }

    function base(area) {
      var parts = area.name.split("-");
      return form.elements[parts[0] + "-base_" + parts[1]];
    }

    function save() {
      if (sending) return schedule(500);
      sending = true;
      dirty = false;
      var sent = {};
      texts().forEach(function (area) { sent[area.name] = area.value; });
      fetch(location.pathname, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } })
        .then(function (answer) {
          if (answer.redirected || answer.status === 403) return takeNewToken();
          return answer.json().then(function (facts) {
            if (answer.ok) take(facts.texts, sent);
            else said.textContent = "Pas enregistré : " + facts.errors.join(" ");
          });
        })
        .catch(function () {
          said.textContent = "Pas de réseau : votre texte est encore ici, nouvel essai dans un instant.";
          schedule(10000);
        })
        .then(function () { sending = false; });
    }

    /* Signing in elsewhere has made this page's token too old: the same page, asked again, has the new one. */
    function takeNewToken() {
      return fetch(location.pathname).then(function (answer) { return answer.text(); }).then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var fresh = page.querySelector("form[data-merge] [name=csrfmiddlewaretoken]");
        if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
        said.textContent = fresh
          ? "Pas encore enregistré : nouvel essai dans un instant."
          : "Pas encore enregistré : reconnectez-vous dans un autre onglet, la suite se fait ici toute seule.";
        schedule(fresh ? 2000 : 10000);
      });
    }

    /* What is there now. A text that was typed on meanwhile stays, and is merged at the next turn. */
    function take(now, sent) {
      texts().forEach(function (area) {
        var text = now[area.name];
        if (text === undefined) return;
        if (area.value === sent[area.name]) {
          if (text !== area.value) {
            var place = area.selectionStart;
            area.value = text;
            area.selectionStart = area.selectionEnd = Math.min(place, text.length);
          }
          base(area).value = text;
        } else {
          base(area).value = sent[area.name];
        }
      });
      var at = new Date();
      said.textContent = "Enregistré à " + at.getHours() + " h " + ("0" + at.getMinutes()).slice(-2);
      if (!dirty) window.removeEventListener("beforeunload", warn);
      else schedule(1500);
    }
  }
})();
