// Buttons and forms on cards: asked back where the card says so, sent once, then waiting for the answer.
import { newKey, post } from "./http.js";

const ANSWER_WAIT_MS = 15000;

export function handlePresses(page, places) {
  page.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-press][type=button]");
    if (button) press(button, {}, places.current);
  });
  page.addEventListener("submit", (event) => {
    const form = event.target.closest("form.fields");
    if (!form) return;
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    press(form.querySelector("button[data-press]"), values, places.current);
  });
}

// Something new stands in the chat: a card that waits for its answer has it (or was replaced by it).
export function answered(timeline) {
  timeline.element.querySelectorAll(".card[data-waiting]").forEach(release);
}

async function press(button, form, chat) {
  const { confirm, press: token } = button.dataset;
  if (confirm && !(await isConfirmed(confirm))) return;
  const card = button.closest(".card");
  hold(card, button);
  try {
    const body = { key: newKey(), token, message_id: card.dataset.message, form };
    const { accepted, notice } = await post(`/chat/${chat}/press`, body);
    tell(card, notice);
    if (accepted) setTimeout(release, ANSWER_WAIT_MS, card);
    else delete card.dataset.waiting;
  } catch (refused) {
    release(card);
    tell(card, refused.message);
  }
}

function hold(card, button) {
  card.dataset.waiting = "";
  button.classList.add("busy");
  for (const each of card.querySelectorAll("[data-press]")) each.disabled = true;
}

function release(card) {
  if (!("waiting" in card.dataset)) return;
  delete card.dataset.waiting;
  for (const each of card.querySelectorAll("[data-press]")) {
    each.disabled = false;
    each.classList.remove("busy");
  }
}

function tell(card, text) {
  const notice = card.querySelector(":scope > .notice");
  notice.textContent = text;
  notice.hidden = !text;
}

export function isConfirmed(question) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
