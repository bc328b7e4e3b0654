/** Keeps the screen on while something long is going on, as far as the browser lets it. */
export class WakeLock {
  private wanted = false;
  private lock: Promise<WakeLockSentinel | undefined> | undefined;

  constructor(private readonly page: Document = document) {
    // A page that is hidden loses the lock, and must ask anew when it is seen again.
    page.addEventListener("visibilitychange", () => {
      if (this.wanted && page.visibilityState === "visible") this.acquire();
    });
  }

  set(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (wanted) this.acquire();
    else {
      void this.lock?.then((lock) => lock?.release());
      this.lock = undefined;
    }
  }

  private acquire(): void {
    const { wakeLock } = this.page.defaultView?.navigator ?? {};
    // Refused on a low battery, or while hidden: then the screen goes dark, and training goes on.
    this.lock = wakeLock?.request("screen").then(
      (lock) => {
        if (!this.wanted) void lock.release();
        return lock;
      },
      () => undefined,
    );
  }
}
