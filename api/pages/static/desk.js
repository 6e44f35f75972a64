// Comfort for coordinators: keys for what the forms do anyway. Every action works without this file.

const OFF = "keys-off";
const desk = () => document.querySelector("[data-desk]");
const isOff = () => localStorage.getItem(OFF) === "1";

/** Keys by their place on the keyboard, so that a Korean layout changes nothing. */
const ACTIONS = {
  KeyJ: () => follow("next"),
  KeyK: () => follow("prev"),
  KeyA: () => press("accept"),
  KeyX: () => focusFirst('[name="reason"]'),
  KeyS: () => press("snooze"),
  KeyN: () => openAndFocus('[name="note"]'),
  KeyU: () => (document.querySelector("[data-undo] button") ?? document.querySelector('[data-desk] button[value="undo"]'))?.click(),
  Slash: (event) => (event.shiftKey ? showKeys() : focusFirst('[type="search"]')),
};

function follow(relation) {
  document.querySelector(`[data-desk] a[rel~="${relation}"]`)?.click();
}

function press(value) {
  document.querySelector(`[data-desk] button[name="do"][value="${value}"]`)?.click();
}

function focusFirst(selector) {
  document.querySelector(`[data-desk] ${selector}`)?.focus();
}

function openAndFocus(selector) {
  const field = document.querySelector(`[data-desk] ${selector}`);
  const fold = field?.closest("details");
  if (fold) fold.open = true;
  field?.focus();
}

function showKeys() {
  document.querySelector("dialog.sheet-of-keys")?.showModal();
}

/** A digit picks the reason and declines with it. */
function declineWith(digit) {
  const reasons = document.querySelectorAll('[data-desk] [name="reason"]');
  const reason = reasons[Number(digit) - 1];
  if (!reason || !reasons[0].closest("fieldset").contains(document.activeElement)) return false;
  reason.checked = true;
  press("decline");
  return true;
}

function isWriting(target) {
  return target.closest("textarea, select, [contenteditable]") !== null
    || (target.matches("input") && !["radio", "checkbox"].includes(target.type));
}

function onKey(event) {
  if (!desk() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Escape" && isWriting(event.target)) return event.target.blur();
  if (isOff() || isWriting(event.target) || document.querySelector("dialog[open]")) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit) {
    if (declineWith(digit)) event.preventDefault();
    return;
  }
  const action = ACTIONS[event.code];
  if (!action || (event.shiftKey && event.code !== "Slash")) return;
  event.preventDefault();
  action(event);
}

/** The next card takes this one's place without a new page: what is asked for and shown is the same. */
async function swap(address, body = null) {
  desk().setAttribute("aria-busy", "true");
  let response;
  try {
    response = await fetch(address, {
      method: body ? "POST" : "GET", body, headers: { Accept: "text/html" }, credentials: "same-origin",
    });
  } catch {
    return false;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = fresh.querySelector("main");
  if (!content) return false;
  document.querySelector("main").replaceWith(content);
  document.querySelector(".top nav").replaceWith(fresh.querySelector(".top nav"));
  document.querySelector(".top .me").replaceWith(fresh.querySelector(".top .me"));
  document.title = fresh.title;
  const reached = new URL(response.url);
  reached.searchParams.delete("done");
  history.pushState({ swapped: true }, "", reached);
  window.scrollTo({ top: 0, behavior: "instant" });
  prepare();
  announce();
  return true;
}

/** Says what happened, then whose card it is; focus goes to the top of the new card. */
function announce() {
  const parts = ["[role=alert]", ".toast span", "h1"].map((each) => document.querySelector(`main ${each}`));
  document.querySelector("#spoken").textContent = parts.filter(Boolean).map((each) => each.textContent.trim()).join(" ");
  document.querySelector("#content").focus({ preventScroll: true });
}

async function onSubmit(event) {
  const form = event.target;
  if (!form.matches("[data-swap]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const isPost = form.method === "post";
  const address = new URL(event.submitter?.getAttribute("formaction") ?? form.action, location.href);
  if (!isPost) address.search = body;
  if (desk().getAttribute("aria-busy") === "true") return;
  if (await swap(address, isPost ? body : null)) return;
  form.removeAttribute("data-swap");
  form.requestSubmit(event.submitter);
}

async function onClick(event) {
  const link = event.target.closest("[data-desk] a[data-swap], [data-desk] .queue ol a");
  if (event.target.closest("[data-keys]")) return showKeys();
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (desk().getAttribute("aria-busy") === "true") return;
  if (!(await swap(link.href))) location.assign(link.href);
}

function prepare() {
  document.querySelectorAll("[data-keys]").forEach((button) => { button.hidden = false; });
  const toggle = document.querySelector("[data-keys-off]");
  if (!toggle) return;
  toggle.checked = isOff();
  toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "1" : "0"));
}

function forgetMessage() {
  const address = new URL(location.href);
  if (!address.searchParams.has("done")) return;
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

const spoken = document.createElement("p");
spoken.id = "spoken";
spoken.className = "vh";
spoken.setAttribute("role", "status");
document.body.append(spoken);
document.addEventListener("keydown", onKey);
document.addEventListener("submit", onSubmit);
document.addEventListener("click", onClick);
window.addEventListener("popstate", () => location.reload());
prepare();
forgetMessage();
