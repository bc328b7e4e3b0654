/** How long some work took. */
export interface Timed {
  count: number; // of what was done: images, points, grids
  ms: number;
}

/** Does the work, each worth `each`, until `ms` milliseconds have passed; at least once. */
export async function repeated(ms: number, each: number, work: () => Promise<unknown>): Promise<Timed> {
  const began = performance.now();
  for (let count = each; ; count += each) {
    await work();
    const passed = performance.now() - began;
    if (passed >= ms) return { count, ms: passed };
  }
}
