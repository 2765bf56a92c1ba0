// A file that is chosen is read into the field beside it, so that the form brings it along as text. Without script the field asking
// for a file stays hidden, and what is in the file is pasted.
"use strict";

for (const part of document.querySelectorAll(".with-script")) {
  part.hidden = false;
}
for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (file) {
      document.getElementById(input.dataset.into).value = await file.text();
    }
  });
}
