import type { Engine } from "../engine/client";
import type { Notice } from "../views/notices";
import { Autosave } from "./autosave";
import type { Explorer } from "./explorer";
import type { Keeper } from "./keeper";
import { Offline } from "./offline";
import { Recovery } from "./recovery";
import type { Run } from "./run";

export interface NothingLostParts {
  engine: Engine;
  keeper: Keeper;
  run: Run;
  explorer: Explorer;
  notify(notice: Notice): void;
  dismiss(id: string): void;
  onError(error: unknown): void;
}

/** Puts together what makes a run outlive its page, and the page its network. */
export class NothingLost {
  private readonly autosave: Autosave;
  private readonly recovery: Recovery;
  private readonly offline: Offline;
  private started = false;

  constructor(element: HTMLElement, { engine, keeper, run, explorer, notify, dismiss, onError }: NothingLostParts) {
    this.autosave = new Autosave(engine, { notify, dismiss });
    this.offline = new Offline({ notify, dismiss });
    this.recovery = new Recovery(element, engine, {
      onError,
      goOn: (settings) => run.goOn(settings, () => explorer.loadData()),
    });
    keeper.onOpen(() => this.opened());
  }

  /** A run is active, or none is. */
  update(active: boolean): void {
    this.autosave.update(active);
    this.offline.update(active);
    this.recovery.update(active);
  }

  /** The engine is open, for the first time or again: then only does the service worker fetch its files. */
  private opened(): void {
    void this.recovery.look();
    // The development server makes no service worker.
    if (this.started || !import.meta.env.PROD) return;
    this.started = true;
    void this.offline.start();
  }
}
