import { el } from "./element";

export interface Notice {
  id: string; // one notice of each id at a time
  kind: "info" | "warning" | "error";
  title: string;
  text: string;
  action?: { label: string; run: () => void };
}

/** Messages that stay until they are dealt with, and a quiet voice for screen readers. */
export class NoticesView {
  private readonly voice = el("p", { className: "visually-hidden", attrs: { role: "status", "aria-live": "polite" } });
  private readonly list = el("div", { className: "notice-list" });

  constructor(
    element: HTMLElement,
    private readonly onDismiss: (id: string) => void,
  ) {
    element.append(this.list, this.voice);
  }

  update(notices: readonly Notice[]): void {
    const wanted = new Map(notices.map((notice) => [notice.id, notice]));
    for (const shown of [...this.list.children] as HTMLElement[]) {
      const notice = wanted.get(shown.dataset.id ?? "");
      // An unchanged message stays as it is, so that it is neither read twice nor loses the focus.
      if (notice && shown.dataset.text === notice.title + notice.text) wanted.delete(notice.id);
      else shown.remove();
    }
    for (const notice of wanted.values()) this.list.append(this.build(notice));
  }

  /** Says a sentence to screen readers, when the browser finds the time. */
  say(text: string): void {
    this.voice.textContent = text;
  }

  private build(notice: Notice): HTMLElement {
    const close = el("button", {
      type: "button",
      className: "quiet close",
      textContent: "×",
      attrs: { "aria-label": `Dismiss: ${notice.title}` },
    });
    close.addEventListener("click", () => this.onDismiss(notice.id));
    let action: HTMLButtonElement | undefined;
    if (notice.action) {
      action = el("button", { type: "button", textContent: notice.action.label });
      action.addEventListener("click", notice.action.run);
    }
    const box = el(
      "div",
      { className: `notice ${notice.kind}`, attrs: { role: notice.kind === "error" ? "alert" : "status" } },
      el("div", {}, el("strong", { textContent: notice.title }), el("p", { textContent: notice.text })),
      action,
      close,
    );
    box.dataset.id = notice.id;
    box.dataset.text = notice.title + notice.text;
    return box;
  }
}
