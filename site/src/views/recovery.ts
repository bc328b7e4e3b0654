import { el } from "./element";

export interface RecoveryData {
  text: string; // which run, and where it stands
  busy: boolean; // it is being taken up or discarded
}

export interface RecoveryCallbacks {
  onGoOn(): void;
  onDiscard(): void;
}

/** The offer to go on with a run that was interrupted. */
export class RecoveryView {
  private readonly box: HTMLElement;
  private readonly text = el("p");
  private readonly buttons: HTMLButtonElement[];

  constructor(element: HTMLElement, callbacks: RecoveryCallbacks) {
    const button = (textContent: string, className: string, act: () => void) => {
      const made = el("button", { type: "button", className, textContent });
      made.addEventListener("click", () => {
        if (made.getAttribute("aria-disabled") !== "true") act();
      });
      return made;
    };
    this.buttons = [
      button("Go on", "primary", () => callbacks.onGoOn()),
      button("Discard", "", () => callbacks.onDiscard()),
    ];
    this.box = el(
      "div",
      { className: "notice info", hidden: true, attrs: { role: "status" } },
      el("div", {}, el("strong", { textContent: "A run was interrupted" }), this.text),
      ...this.buttons,
    );
    element.prepend(this.box);
  }

  update(data: RecoveryData | undefined): void {
    this.box.hidden = data === undefined;
    if (!data) return;
    if (this.text.textContent !== data.text) this.text.textContent = data.text;
    for (const button of this.buttons) button.setAttribute("aria-disabled", String(data.busy));
  }
}
