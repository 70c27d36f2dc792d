// One chat's entries in order of time. What the service sends replaces what is here if it is newer.
import { read } from "./http.js";

const PAGE = 50;
const LONGEST_PAGE = 200;
const NEAR_THE_END_PX = 160;

export class Timeline {
  constructor(element) {
    this.element = element;
    this.chat = element.dataset.chat;
    this.entries = element.querySelector(".entries");
    this.empty = element.querySelector(".empty");
    this.earlier = element.querySelector(".earlier");
    this.limit = PAGE;
    this.isAtEnd = true;
    element.addEventListener("scroll", () => { this.isAtEnd = this.distanceToEnd() < NEAR_THE_END_PX; });
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe(element);
    this.earlier.addEventListener("click", () => this.showEarlier());
  }

  async refresh() {
    try {
      const { html, is_all: isAll } = await read(`/chat/${this.chat}/messages?limit=${this.limit}`);
      this.earlier.hidden = isAll || this.limit === LONGEST_PAGE;
      this.merge(html);
      this.empty.hidden = this.entries.childElementCount > 0;
    } catch (refused) {
      if (!refused.isPassing) throw refused;
    }
  }

  async showEarlier() {
    this.limit = LONGEST_PAGE;
    const fromTheEnd = this.element.scrollHeight - this.element.scrollTop;
    await this.refresh();
    this.element.scrollTop = this.element.scrollHeight - fromTheEnd;
  }

  merge(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    this.follow(() => {
      for (const entry of [...template.content.children]) this.place(entry);
      this.markDays();
      this.markQuotes();
    });
  }

  place(entry) {
    const present = document.getElementById(entry.id);
    if (!present) return this.insert(entry);
    if (Number(entry.dataset.version) > Number(present.dataset.version)) present.replaceWith(entry);
  }

  insert(entry) {
    const at = Number(entry.dataset.at);
    let next = null;
    for (let before = this.entries.lastElementChild; before; before = before.previousElementSibling) {
      if (Number(before.dataset.at) <= at) break;
      next = before;
    }
    this.entries.insertBefore(entry, next);
    this.empty.hidden = true;
  }

  // The first entry of a day carries its date, which the style sheet shows above it.
  markDays() {
    let day = "";
    for (const entry of this.entries.children) {
      entry.classList.toggle("first-of-day", Boolean(entry.dataset.day) && entry.dataset.day !== day);
      day = entry.dataset.day || day;
    }
  }

  // An answer that does not stand right below what it answers says what that was.
  markQuotes() {
    for (const entry of this.entries.querySelectorAll(":scope > [data-reply]")) {
      const asked = document.getElementById(`e-${entry.dataset.reply}`);
      const before = entry.previousElementSibling;
      const isBelow = !before || before === asked || before.dataset.reply === entry.dataset.reply;
      if (!asked || isBelow || entry.querySelector(":scope > .quote")) continue;
      const quote = document.createElement("p");
      quote.className = "quote";
      quote.textContent = asked.querySelector(".bubble, h2").textContent;
      entry.querySelector(":scope > .card").before(quote);
    }
  }

  // Keep the newest entry in view if it was in view before the change.
  follow(change) {
    const wasAtEnd = this.isAtEnd;
    change();
    if (wasAtEnd) this.toEnd();
  }

  distanceToEnd() {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight;
  }

  // An answer taller than the window is shown from its beginning.
  toEnd() {
    const newest = this.entries.lastElementChild;
    const isTall = newest && newest.offsetHeight > this.element.clientHeight;
    if (isTall) newest.scrollIntoView({ block: "start" });
    else this.element.scrollTop = this.element.scrollHeight;
  }

  newestAt() {
    return Math.max(0, ...[...this.entries.children].map((entry) => Number(entry.dataset.at)));
  }

  countSince(at) {
    return [...this.entries.children].filter((e) => Number(e.dataset.at) > at && !e.classList.contains("own")).length;
  }
}
