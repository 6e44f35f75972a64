// Comfort while a round is solved: the page looks again by itself. Without this file the link "Look again" does it.

const EVERY = 2000; // milliseconds
const progress = () => document.querySelector("[data-progress]");

const spoken = document.createElement("p");
spoken.className = "vh";
spoken.setAttribute("role", "status");
document.body.append(spoken);

async function fetched() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!response.ok || response.redirected) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** While it is solved only the step and the bar change: whoever is on a button stays there. */
function advance(fresh) {
  const step = fresh.querySelector("h2").textContent;
  const heading = progress().querySelector("h2");
  if (heading.textContent !== step) {
    heading.textContent = step;
    spoken.textContent = step;
  }
  const bar = progress().querySelector("progress");
  bar.value = fresh.querySelector("progress").value;
  bar.textContent = `${bar.value}%`;
}

/** What came of it takes the page's place; focus goes to its top, and its state is said. */
function conclude(page) {
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.title = page.title;
  document.querySelector("#content").focus({ preventScroll: true });
  const state = document.querySelector("[data-state]");
  spoken.textContent = [document.querySelector("h1"), state].filter(Boolean).map((each) => each.textContent.trim()).join(": ");
}

async function look() {
  let page = null;
  try {
    page = await fetched();
  } catch {
    // The network is away for a moment; the next look tells.
  }
  const fresh = page?.querySelector("[data-progress]");
  if (fresh) advance(fresh);
  else if (page) return conclude(page);
  setTimeout(look, EVERY);
}

if (progress()) {
  progress().querySelector("[data-again]").hidden = true;
  setTimeout(look, EVERY);
}
