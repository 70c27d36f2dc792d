// The chat page: two timelines, one stream of news, one composer.
import { listen } from "./news.js";
import { Outgoing } from "./outgoing.js";
import { Places } from "./places.js";
import { answered, handlePresses } from "./presses.js";
import { handleTables } from "./tables.js";
import { Timeline } from "./timeline.js";

const page = document.getElementById("chat");
const compose = document.getElementById("compose");
const input = compose.elements.text;
const timelines = Object.fromEntries(
  [...document.querySelectorAll(".timeline")].map((element) => [element.dataset.chat, new Timeline(element)]),
);
const places = new Places(timelines);
const outgoing = new Outgoing(timelines, page.dataset);

async function refresh() {
  await Promise.all(Object.values(timelines).map((timeline) => timeline.refresh()));
  places.count();
  outgoing.retry();
}

function setOffline(isOffline) {
  document.getElementById("offline").hidden = !isOffline;
}

function say(text) {
  if (text.trim()) outgoing.say(places.current, text.trim());
}

function fitInput() {
  input.rows = Math.min(6, input.value.split("\n").length);
}

listen("/live", {
  async ready() {
    setOffline(false);
    await refresh();
    page.dataset.listening = "";
  },
  reload: refresh,
  entry({ chat, key, html }) {
    if (key) outgoing.arrived(key);
    timelines[chat].merge(html);
    if (!key) answered(timelines[chat]);
    places.count();
  },
  over: () => location.reload(),
  lost: () => setOffline(true),
});

compose.addEventListener("submit", (event) => {
  event.preventDefault();
  say(input.value);
  input.value = "";
  fitInput();
});

input.addEventListener("input", fitInput);
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  compose.requestSubmit();
});

page.addEventListener("click", (event) => {
  const button = event.target.closest("[data-say]");
  if (button) say(button.dataset.say);
});

handlePresses(page, places);
handleTables(page);
