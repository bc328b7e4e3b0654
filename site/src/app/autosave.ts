import type { Notice } from "../views/notices";
import type { EnginePort } from "./port";
import { WakeLock } from "./wake-lock";

export interface AutosavePorts {
  notify(notice: Notice): void;
  dismiss(id: string): void;
}

/** What the page does so that a run is not lost; the engine saves it. */
export class Autosave {
  /** When the run was last saved, in milliseconds since 1970; undefined before that. */
  savedAt: number | undefined;
  private active = false;
  private asked = false;
  private readonly wakeLock: WakeLock;

  constructor(
    private readonly engine: EnginePort,
    page: AutosavePorts,
    private readonly window: Window = globalThis.window,
  ) {
    this.wakeLock = new WakeLock(window.document);
    engine.on((event) => {
      if (event.type === "saved") {
        this.savedAt = Date.now();
        page.dismiss("unsaved");
      } else if (event.type === "unsaved") {
        page.notify({ id: "unsaved", kind: "warning", title: "This run is not being saved", text: event.message });
      }
    });
    // The last moments of a page that may not come back: a phone that puts it away, a tab that is closed.
    window.document.addEventListener("visibilitychange", () => {
      if (window.document.visibilityState === "hidden") this.saveNow();
    });
    window.addEventListener("beforeunload", (event) => {
      if (!this.active) return;
      event.preventDefault();
      this.saveNow();
    });
  }

  /** A run is active, or none is. */
  update(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.wakeLock.set(active);
    if (!active) return;
    this.savedAt = undefined;
    if (this.asked) return;
    this.asked = true;
    // So that the browser does not clear the checkpoints away when space gets short.
    void this.window.navigator.storage?.persist?.().catch(() => false);
  }

  private saveNow(): void {
    if (this.active) void this.engine.request("save", {}).catch(() => {}); // the engine is gone: so is the run
  }
}
