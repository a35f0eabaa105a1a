// A passkey can be used by a script alone. This one shows the forms that need one,
// asks the broker for a challenge and the browser for its person's answer, and sends
// that with the form. Where a form asks for more than that, it puts the answer into the
// form, and its person sends it. It keeps nothing.
"use strict";
(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  function bytes(text) {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (c) { return c.charCodeAt(0); });
  }

  function text(buffer) {
    let raw = "";
    for (const b of new Uint8Array(buffer)) raw += String.fromCharCode(b);
    return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function known(list) {
    return list.map(function (k) { return { type: k.type, id: bytes(k.id) }; });
  }

  async function answer(form) {
    const asked = await fetch(form.dataset.ask, { method: "POST", headers: { "Accept": "application/json" } });
    if (asked.status === 401 || asked.status === 403) return ""; // the session is over: the broker says so, and keeps what was written
    if (!asked.ok) throw new Error("asked");
    const options = await asked.json();
    options.challenge = bytes(options.challenge);
    const said = { clientExtensionResults: {}, type: "public-key" };
    let made;
    if (options.user) {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = known(options.excludeCredentials);
      made = await navigator.credentials.create({ publicKey: options });
      said.response = { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) };
    } else {
      options.allowCredentials = known(options.allowCredentials);
      made = await navigator.credentials.get({ publicKey: options });
      said.response = {
        clientDataJSON: text(made.response.clientDataJSON), authenticatorData: text(made.response.authenticatorData),
        signature: text(made.response.signature),
      };
      if (made.response.userHandle) said.response.userHandle = text(made.response.userHandle);
    }
    said.id = made.id;
    said.rawId = text(made.rawId);
    return JSON.stringify(said);
  }

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const form = part.querySelector("form");
    const button = form.querySelector("button");
    const trouble = form.querySelector("[role=status]");
    part.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (button.disabled) return;
      if (!form.checkValidity()) return form.submit(); // the broker says what is missing
      button.disabled = true;
      trouble.textContent = "";
      answer(form).then(function (said) {
        form.elements.passkey.value = said;
        form.submit();
      }, function () {
        button.disabled = false;
        trouble.textContent = form.dataset.trouble;
      });
    });
  }

  for (const part of document.querySelectorAll("[data-passkey-within]")) {
    const field = part.querySelector("input");
    const button = part.querySelector("button");
    const words = part.querySelector("[role=status]");
    const typed = ["password", "code"].map(function (name) { return field.form.elements[name]; });
    function say(text, wrong) {
      words.textContent = text;
      words.className = wrong ? "input-error" : "quiet";
    }
    field.value = "";
    part.hidden = false;
    for (const other of typed) other.addEventListener("input", function () { // what was typed last counts
      field.value = "";
      say("", false);
    });
    button.addEventListener("click", function () {
      button.disabled = true;
      say("", false);
      answer(part).then(function (said) {
        button.disabled = false;
        if (!said) return say(part.dataset.over, true);
        field.value = said;
        for (const other of typed) other.value = "";
        if ("sends" in part.dataset) return field.form.submit();
        const sends = field.form.querySelectorAll("[type=submit]");
        if (sends.length === 1 && sends[0].value === "confirm") return sends[0].click();
        say(part.dataset.done, false);
      }, function () {
        button.disabled = false;
        say(part.dataset.trouble, true);
      });
    });
  }
})();
