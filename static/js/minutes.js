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
    var unanswered = [];

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

    /* What people fill in here, by its name: the text of an area, the value of the radio that is ticked. */
    function values() {
      var found = {};
      form.querySelectorAll("textarea").forEach(function (area) { found[area.name] = area.value; });
      form.querySelectorAll("[type=radio]").forEach(function (radio) {
        if (radio.checked) found[radio.name] = radio.value;
        else if (!(radio.name in found)) found[radio.name] = "";
      });
      return found;
    }

    function base(name) {
      var at = name.indexOf("-");
      return form.elements[name.slice(0, at) + "-base_" + name.slice(at + 1)];
    }

    function save() {
      if (sending) return schedule(500);
      sending = true;
      dirty = false;
      var sent = values();
      var data = new FormData(form);
      // Of these the answer was lost on the way, and perhaps not what was sent.
      unanswered.forEach(function (key) { data.append("apres", key); });
      unanswered.push(String(Date.now()) + Math.random());
      data.append("envoi", unanswered[unanswered.length - 1]);
      fetch(location.pathname, { method: "POST", body: data, headers: { "X-Autosave": "1" } })
        .then(function (answer) {
          if (answer.redirected || answer.status === 403) return takeNewToken();
          return answer.json().then(function (facts) {
            unanswered = [];
            if (answer.ok) take(facts.values, sent);
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
      var typed = values();
      Object.keys(now).forEach(function (name) {
        if (typed[name] !== sent[name]) {
          base(name).value = sent[name];
          return;
        }
        show(name, now[name]);
        base(name).value = now[name];
      });
      var at = new Date();
      said.textContent = "Enregistré à " + at.getHours() + " h " + ("0" + at.getMinutes()).slice(-2);
      if (!dirty) window.removeEventListener("beforeunload", warn);
      else schedule(1500);
    }

    function show(name, value) {
      form.querySelectorAll("[name=\"" + name + "\"]").forEach(function (field) {
        if (field.type === "radio") {
          field.checked = field.value === value;
        } else if (field.value !== value) {
          var place = field.selectionStart;
          field.value = value;
          field.selectionStart = field.selectionEnd = Math.min(place, value.length);
        }
      });
    }
  }
})();
