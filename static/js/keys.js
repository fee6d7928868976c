/* Passkeys: buttons that wake once they work, where the browser has keys, and what went wrong in plain French. */
(function () {
  "use strict";
  var trouble = document.getElementById("key-trouble");
  var ids = ["passkey_login", "mfa_webauthn_add", "mfa_webauthn_authenticate", "mfa_webauthn_reauthenticate"];
  var known = Boolean(window.PublicKeyCredential);
  if (!known) tell("Ce navigateur ne connaît pas les clés d’accès.");
  // Runs after the library's own listener, which is declared before this one.
  document.addEventListener("DOMContentLoaded", function () {
    var whole = Boolean(window.webauthnJSON && window.allauth && window.allauth.webauthn);
    if (known && !whole) tell("La page n’est pas arrivée entière : rechargez-la.");
    ids.forEach(function (id) {
      var button = document.getElementById(id);
      if (!button) return;
      button.hidden = !known;
      button.disabled = !whole;
    });
  });
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    var name = event.detail.exception.name;
    if (name === "NotAllowedError") tell("Rien n’est fait : vous avez renoncé, ou l’appareil a trop attendu. Réessayez.");
    else if (name === "InvalidStateError") tell("Cet appareil tient déjà une clé de ce compte.");
    else tell("La clé d’accès n’a pas pu servir ici. Servez-vous d’un autre moyen.");
  });
  function tell(text) {
    trouble.textContent = text;
    trouble.hidden = false;
  }
})();
