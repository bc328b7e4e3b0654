/**
 * Runs one task at a time and, of those that arrive meanwhile, only the latest:
 * a pointer that moves faster than the engine decodes never builds up a queue.
 */
export class Latest<Input> {
  private waiting: { input: Input } | undefined;
  private busy = false;

  constructor(private readonly task: (input: Input) => Promise<void>) {}

  push(input: Input): void {
    this.waiting = { input };
    if (!this.busy) void this.drain();
  }

  /** Forgets what has not begun. */
  clear(): void {
    this.waiting = undefined;
  }

  private async drain(): Promise<void> {
    this.busy = true;
    try {
      while (this.waiting) {
        const { input } = this.waiting;
        this.waiting = undefined;
        await this.task(input);
      }
    } finally {
      this.busy = false;
    }
  }
}
