/** Images per second over a sliding window of running time: pauses do not count. */
export class Rate {
  private marks: { at: number; total: number }[] = [];
  private total = 0;
  private before = 0; // the rate up to the restart

  /** @param span of the window, in milliseconds of running time */
  constructor(private readonly span: number) {}

  /** `images` more were done by `at`, in milliseconds of running time. */
  add(images: number, at: number): void {
    this.total += images;
    this.marks.push({ at, total: this.total });
    // One mark before the window stays, so that a slow step still has a rate.
    while (this.marks.length > 2 && this.marks[1]!.at <= at - this.span) this.marks.shift();
  }

  /** Begins anew at `at`: the time since the last mark went into other work. Until something is done, the old rate stands. */
  restart(at: number): void {
    this.before = this.perSecond;
    this.marks = [{ at, total: this.total }];
  }

  /** Images per second; 0 as long as nothing is known. */
  get perSecond(): number {
    const first = this.marks[0];
    const last = this.marks[this.marks.length - 1];
    if (!first || !last || last.at <= first.at) return this.before;
    return (1000 * (last.total - first.total)) / (last.at - first.at);
  }
}
