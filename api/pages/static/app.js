// Comfort only: every page works without this file.

const PLACE = "place";

/** Filters apply as soon as a choice is made; typing still waits for Enter. */
function submitOnChoice(form) {
  for (const select of form.querySelectorAll("select")) {
    select.addEventListener("change", () => form.requestSubmit());
  }
}

/** After the shortlist changed, the page comes back to where the reader was. */
function rememberPlace(form) {
  form.addEventListener("submit", () => {
    sessionStorage.setItem(PLACE, JSON.stringify({ path: location.pathname, top: window.scrollY }));
  });
}

function returnToPlace() {
  const kept = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (!kept) return;
  const { path, top } = JSON.parse(kept);
  if (path === location.pathname) requestAnimationFrame(() => window.scrollTo({ top, behavior: "instant" }));
}

/** A message is for this showing only: a reload or a bookmark does not repeat it. */
function forgetMessage() {
  const address = new URL(location.href);
  const had = ["listed", "removed", "lang", "done", "saved"].filter((name) => address.searchParams.has(name));
  if (!had.length) return;
  had.forEach((name) => address.searchParams.delete(name));
  history.replaceState(null, "", address);
}

/** Screen readers announce a status when it changes, not when it is there from the start. */
function announce(toast) {
  const live = document.createElement("p");
  live.className = "vh";
  live.setAttribute("role", "status");
  document.body.append(live);
  setTimeout(() => { live.textContent = toast.firstElementChild.textContent; }, 100);
}

document.querySelectorAll("[data-filters]").forEach(submitOnChoice);
document.querySelectorAll("[data-keep]").forEach(rememberPlace);
document.querySelectorAll(".toast").forEach(announce);
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
document.querySelectorAll("[data-select]").forEach((field) => field.addEventListener("focus", () => field.select()));
returnToPlace();
forgetMessage();
