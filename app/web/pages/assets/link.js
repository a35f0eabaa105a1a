// The code of a link stands behind the # of its address, which browsers keep to
// themselves. This puts it into the form and takes it out of the address. It
// sends nothing: a person presses the button, and a scanner of mail does not.
"use strict";
(function () {
  function take() {
    const field = document.getElementById("code");
    const code = location.hash.slice(1);
    if (!field || code === "" || code === "main") return;
    field.value = code;
    history.replaceState(null, "", location.pathname + location.search);
    for (const other of document.querySelectorAll("a[hreflang]")) other.hash = code;
  }
  window.addEventListener("hashchange", take);
  take();
})();
