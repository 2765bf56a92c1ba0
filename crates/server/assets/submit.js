// Sends the form of a page that only leads on. Without it, its button does.
document.getElementById("submit").submit();
