// Which chat is shown, and how much is unread in the other one.

const title = document.title;

export class Places {
  constructor(timelines) {
    this.timelines = timelines;
    this.links = Object.fromEntries([...document.querySelectorAll("[data-place]")].map((a) => [a.dataset.place, a]));
    window.addEventListener("hashchange", () => this.show());
    document.addEventListener("visibilitychange", () => this.count());
    this.show();
  }

  get current() {
    const asked = location.hash === "#me" ? "me" : "team";
    return asked in this.timelines ? asked : "me";  // not everybody has the team's chat
  }

  show() {
    for (const [chat, timeline] of Object.entries(this.timelines)) {
      timeline.element.hidden = chat !== this.current;
      this.links[chat].toggleAttribute("aria-current", chat === this.current);
    }
    this.timelines[this.current].toEnd();
    this.count();
  }

  // What is in view counts as read; the rest is marked on its link and in the window's title.
  count() {
    let unread = 0;
    for (const [chat, timeline] of Object.entries(this.timelines)) {
      if (chat === this.current && !document.hidden) this.remember(chat, timeline.newestAt());
      const fresh = timeline.countSince(this.readUntil(chat));
      const mark = this.links[chat].querySelector(".unread");
      mark.hidden = fresh === 0;
      mark.textContent = fresh > 99 ? "99+" : String(fresh);
      unread += fresh;
    }
    document.title = unread ? `(${unread}) ${title}` : title;
  }

  readUntil(chat) {
    return Number(localStorage.getItem(`read.${chat}`));
  }

  remember(chat, at) {
    if (at > this.readUntil(chat)) localStorage.setItem(`read.${chat}`, String(at));
  }
}
