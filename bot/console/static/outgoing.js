// What was typed here: shown at once, and sent under one key until the service has it.
import { newKey, post } from "./http.js";

const AFTER_ALL_ELSE_S = 3600;

export class Outgoing {
  constructor(timelines, texts) {
    this.timelines = timelines;
    this.texts = texts;
    this.waiting = new Map();
    this.template = document.getElementById("own-message");
  }

  say(chat, text) {
    const message = { chat, text, key: newKey(), typedAt: Date.now(), element: this.show(chat, text) };
    this.waiting.set(message.key, message);
    this.send(message);
  }

  // The news brought the message itself, which takes the place of our own picture of it.
  arrived(key) {
    this.waiting.get(key)?.element.remove();
    this.waiting.delete(key);
  }

  retry() {
    for (const message of this.waiting.values()) if (!message.isSending) this.send(message);
  }

  show(chat, text) {
    const element = this.template.content.firstElementChild.cloneNode(true);
    element.querySelector(".bubble").textContent = text;
    element.dataset.at = String(Date.now() / 1000 + AFTER_ALL_ELSE_S);
    element.dataset.version = "-1";
    this.timelines[chat].insert(element);
    this.timelines[chat].toEnd();
    return element;
  }

  async send(message) {
    const { chat, key, text, typedAt, element } = message;
    message.isSending = true;
    setState(element, "sending", this.texts.sending);
    try {
      const { id } = await post(`/chat/${chat}/messages`, { key, text, age_ms: Date.now() - typedAt });
      this.settle(message, `e-${id}`);
    } catch (refused) {
      this.fail(message, refused);
    } finally {
      message.isSending = false;
    }
  }

  settle({ key, element }, id) {
    this.waiting.delete(key);
    if (document.getElementById(id)) {
      element.remove();
    } else {
      element.id = id;
      element.dataset.at = String(Date.now() / 1000);
      setState(element, "", "");
    }
  }

  fail(message, refused) {
    setState(message.element, "unsent", refused.isPassing ? this.texts.unsent : refused.message);
    if (refused.isPassing) message.element.addEventListener("click", () => this.send(message), { once: true });
    else this.waiting.delete(message.key);
  }
}

function setState(element, state, text) {
  element.dataset.state = state;
  element.querySelector("footer").textContent = text;
}
