import { OutOfTime, title, units } from "./subjects.js";

/** @typedef {import("./subjects.js").Subject} Subject */
/** @typedef {{ subject: Subject, values: number[], out: string }} Measured `out` says why there are no more values */

/**
 * Times subjects in turn, A B C A B C …, so that a machine that slows down for a
 * while slows down all of them. Each is warmed up by a run just before its first: a
 * slow peer, whose time is limited, has a figure for training at least. A peer that fails or runs out of time is left out from then on, and `news` hears why.
 * @param {Subject[]} subjects
 * @param {number} rounds
 * @param {(text: string) => void} news
 * @returns {Promise<Measured[]>}
 */
export async function measure(subjects, rounds, news) {
  const measured = subjects.map((subject) => ({ subject, values: /** @type {number[]} */ ([]), took: 0, out: "" }));
  for (let round = 1; round <= rounds; round++) {
    for (const one of measured) {
      const { subject } = one;
      const { system } = subject;
      if (one.out) continue;
      if (system.budget && one.took > system.budget.left) {
        one.out = "its time is used up";
        continue;
      }
      const what = `${system.name}, ${title(subject)}`;
      news(`round ${round} of ${rounds}: ${what}`);
      let began = performance.now();
      try {
        const run = () => (system.budget ? system.budget.spend(subject.run) : subject.run());
        if (round === 1) {
          await run();
          began = performance.now();
        }
        one.values.push(units[subject.kind].of(await run()));
      } catch (error) {
        if (!system.budget) throw error;
        const why = error instanceof OutOfTime ? "its time is used up" : reason(error);
        for (const other of measured) if (other.subject.system === system) other.out ||= why; // it may be at work still
        await system.close();
      }
      one.took = performance.now() - began;
    }
  }
  return measured;
}

/** @param {unknown} error */
const reason = (error) => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
