// A window into a simulated chat: looks every second, replaces what changed, sends what is typed and tapped.
import { post, read } from "./http.js";
import { isConfirmed } from "./presses.js";

const EVERY_MS = 1000;
const TOAST_MS = 4000;
const NEAR_THE_END_PX = 160;
const MARGIN_PX = 12;

const stage = document.querySelector("[data-window]");
const thread = document.getElementById("thread");
const compose = document.getElementById("typing");
const toast = document.getElementById("toast");
const path = stage.dataset.window;
const chat = stage.querySelector("[data-chat]")?.dataset.chat ?? "";
const shown = new Map();
let have = "";

async function look() {
  const answer = await read(`${path}/entries?chat=${chat}&have=${have}`).catch(() => ({}));
  if (answer.html !== undefined) merge(answer.html);
  have = answer.have ?? have;
}

// Only what changed is replaced, so that an opened list or a turned page stays as it is.
function merge(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const isAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR_THE_END_PX;
  const arriving = [...template.content.children];
  const ids = new Set(arriving.map((each) => each.id));
  for (const present of [...thread.children]) if (!ids.has(present.id)) present.remove();
  for (const entry of arriving) place(entry);
  stage.dataset.shown = String(thread.childElementCount);
  if (isAtEnd) toEnd();
}

function place(entry) {
  const source = entry.outerHTML;
  const present = document.getElementById(entry.id);
  if (!present) thread.append(entry);
  else if (shown.get(entry.id) !== source) present.replaceWith(entry);
  shown.set(entry.id, source);
  for (const picture of entry.querySelectorAll("img")) picture.addEventListener("load", toEnd, { once: true });
}

// A message taller than the window is shown from its beginning, below the question it answers.
function toEnd() {
  const newest = thread.lastElementChild;
  const question = newest?.previousElementSibling;
  const first = question?.classList.contains("mine") ? question : newest;
  if (newest && newest.offsetHeight > thread.clientHeight) thread.scrollTop = first.offsetTop - MARGIN_PX;
  else thread.scrollTop = thread.scrollHeight;
}

async function send(what, body) {
  try {
    const { notice } = await post(`${path}/${what}`, body);
    tell(notice);
  } catch (refused) {
    tell(refused.message);
  }
  await look();
}

function say(text) {
  send("say", chat ? { text, chat } : { text });
}

async function tap(button) {
  const { label, confirm } = button.dataset;
  if (confirm && !(await isConfirmed(confirm))) return;
  button.closest("details")?.removeAttribute("open");
  const form = button.closest("form.questions");
  const values = form ? { form: Object.fromEntries(new FormData(form)) } : {};
  send("press", { message_id: button.closest("[data-message]").dataset.message, label, ...values });
}

function tell(text) {
  if (!text) return;
  toast.textContent = text;
  toast.hidden = false;
  setTimeout(() => { toast.hidden = true; }, TOAST_MS);
}

function turn(button) {
  const table = button.closest("[data-size]");
  const size = Number(table.dataset.size);
  const rows = [...table.querySelectorAll("tbody tr")];
  const page = Math.floor(rows.findIndex((row) => !row.hidden) / size) + Number(button.dataset.turn);
  rows.forEach((row, index) => { row.hidden = Math.floor(index / size) !== page; });
  const [back, forth] = table.querySelectorAll("[data-turn]");
  back.disabled = page === 0;
  forth.disabled = (page + 1) * size >= rows.length;
  table.querySelector(".pager span").textContent = String(page + 1);
}

stage.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.say) say(button.dataset.say);
  else if (button?.dataset.label) tap(button);
  else if (button?.dataset.turn) turn(button);
});

compose?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { text } = compose.elements;
  if (text.value.trim()) say(text.value.trim());
  text.value = "";
});

stage.addEventListener("submit", (event) => {
  if (event.target.matches("form.questions")) event.preventDefault();
});

async function watch() {
  await look();
  stage.dataset.listening = "";
  setTimeout(watch, EVERY_MS);
}

watch();
