// Passkeys: asks the device of whoever is here, and sends its answer along with the form that asks. Without script, or where the
// browser knows no passkeys, these forms stay hidden.
"use strict";

async function answer(form) {
  const options = JSON.parse(form.dataset.options).publicKey;
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}

const known = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
for (const part of known ? document.querySelectorAll(".with-passkeys") : []) {
  part.hidden = false;
}
for (const part of known ? document.querySelectorAll(".without-passkeys") : []) {
  part.hidden = true;
}
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[role=alert]");
    failed.hidden = true;
    try {
      form.elements.answer.value = JSON.stringify(await answer(form));
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
