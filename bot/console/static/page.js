// A feature's page: what changes elsewhere is shown without a reload, what is being filled in stays.
import { listen } from "./news.js";

const PAUSE_MS = 300;

const page = document.getElementById("page");
let isReading = false;
let isStale = false;

// Much may happen at once: while one reading runs, one more is remembered.
async function refresh() {
  isStale = true;
  if (isReading) return;
  isReading = true;
  while (isStale) {
    isStale = false;
    await read();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  isReading = false;
}

async function read() {
  const response = await fetch(location.href).catch(() => null);
  if (!response) return;
  if (response.status === 401) location.reload();
  show(new DOMParser().parseFromString(await response.text(), "text/html"));
}

function show(fresh) {
  if (!fresh.getElementById("page")) return;
  for (const part of page.querySelectorAll("[data-part]")) {
    if (isInUse(part)) continue;
    const newer = fresh.getElementById(part.id);
    if (newer) part.replaceWith(newer);
    else part.remove();
  }
}

function isInUse(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), select")];
  return fields.some((each) => each === document.activeElement || isChanged(each));
}

function isChanged(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const usual = [...field.options].findIndex((each) => each.defaultSelected);
  return field.selectedIndex !== Math.max(usual, 0);
}

function setOffline(isOffline) {
  document.getElementById("offline").hidden = !isOffline;
}

listen(page.dataset.live, {
  async ready() {
    setOffline(false);
    await refresh();
    page.dataset.listening = "";
  },
  reload: refresh,
  over: () => location.reload(),
  lost: () => setOffline(true),
});
