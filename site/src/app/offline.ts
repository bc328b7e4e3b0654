import type { Notice } from "../views/notices";

export interface OfflinePorts {
  notify(notice: Notice): void;
  dismiss(id: string): void;
}

/** What of the browser is needed, so that tests can do without one. */
export interface OfflineWindow {
  crossOriginIsolated: boolean;
  isSecureContext: boolean;
  navigator: { serviceWorker?: ServiceWorkerContainer };
  document: EventTarget & { visibilityState: string };
  sessionStorage: Pick<Storage, "getItem" | "setItem">;
  location: { reload(): void };
  addEventListener(type: string, listener: () => void, options?: AddEventListenerOptions): void;
}

const reloadedKey = "vaelab-reloaded-for-isolation";
/** Milliseconds between two looks for a new version, beside those at every visit. */
const lookEvery = 3_600_000;

/** The service worker's side of the page: the second visit works offline, and a new version is offered. */
export class Offline {
  private active = false; // a run is
  private touched = false; // somebody is at work here
  private waiting: ServiceWorker | undefined;
  private offered = false;
  private lastLook = 0;

  constructor(
    private readonly page: OfflinePorts,
    private readonly window: OfflineWindow = globalThis.window,
    private readonly now: () => number = Date.now,
  ) {
    for (const type of ["pointerdown", "keydown"]) {
      window.addEventListener(type, () => this.touch(), { capture: true, passive: true });
    }
  }

  /** Registers the worker; it fetches its files now, so the page should have its own. */
  async start(): Promise<void> {
    const { serviceWorker } = this.window.navigator;
    if (!serviceWorker || !this.window.isSecureContext) return;
    let registration: ServiceWorkerRegistration;
    try {
      registration = await serviceWorker.register("./sw.js", { updateViaCache: "none" });
    } catch {
      return; // switched off, or this host has no worker: the page works as long as there is a network
    }
    this.lastLook = this.now();
    if (registration.waiting && serviceWorker.controller) this.offer(registration.waiting);
    const follow = (worker: ServiceWorker | null) => {
      worker?.addEventListener("statechange", () => {
        if (worker.state === "installed" && serviceWorker.controller) this.offer(worker);
        if (worker.state === "activated") this.isolate();
      });
    };
    follow(registration.installing);
    registration.addEventListener("updatefound", () => follow(registration.installing));
    if (registration.active) this.isolate();
    this.window.document.addEventListener("visibilitychange", () => {
      if (this.window.document.visibilityState !== "visible" || this.now() - this.lastLook < lookEvery) return;
      this.lastLook = this.now();
      void registration.update().catch(() => {}); // offline: there is nothing new
    });
  }

  /** A run is active, or none is: meanwhile nothing is offered. */
  update(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.show();
  }

  private touch(): void {
    this.touched = true;
  }

  /** Once, on a host that does not send the headers: from now on the worker adds them. */
  private isolate(): void {
    const { crossOriginIsolated, sessionStorage, location } = this.window;
    if (crossOriginIsolated || this.active || this.touched) return; // the next visit will be
    try {
      if (sessionStorage.getItem(reloadedKey)) return;
      sessionStorage.setItem(reloadedKey, "yes");
      if (!sessionStorage.getItem(reloadedKey)) return;
    } catch {
      return; // who cannot remember having reloaded must not begin
    }
    location.reload();
  }

  private offer(worker: ServiceWorker): void {
    this.waiting = worker;
    this.offered = false;
    this.show();
  }

  private show(): void {
    if (!this.waiting) return;
    if (this.active) {
      this.page.dismiss("update");
      this.offered = false;
    } else if (!this.offered) {
      this.offered = true;
      this.page.notify({
        id: "update",
        kind: "info",
        title: "A new version is ready",
        text: "It is loaded when you reload the page; a model that you trained here should be downloaded first.",
        action: { label: "Reload", run: () => this.takeOver() },
      });
    }
  }

  private takeOver(): void {
    const { serviceWorker } = this.window.navigator;
    serviceWorker?.addEventListener("controllerchange", () => this.window.location.reload(), { once: true });
    this.waiting?.postMessage("take over");
  }
}
