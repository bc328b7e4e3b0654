import { expect, test } from "vitest";
import { Journal } from "./journal";
import type { RunEvent } from "./protocol";

const step = (epoch: number, n: number, loss = 1): RunEvent => {
  const losses = { loss, reconstruction: 1, kl: 1 };
  return {
    type: "step",
    epoch,
    step: n,
    steps: 500,
    epochs: 9,
    running: losses,
    batch: losses,
    imagesPerSecond: 1,
    secondsLeft: 1,
  };
};
const epoch = (n: number): RunEvent => {
  const losses = { loss: 1, reconstruction: 1, kl: 1 };
  return { type: "epoch", epoch: n, train: losses, validation: losses, seconds: 1 };
};

test("keeps every epoch, and an even choice of steps that does not grow", () => {
  const journal = new Journal();
  for (let e = 0; e < 9; e++) {
    for (let s = 1; s <= 500; s++) journal.add(step(e, s));
    journal.add(epoch(e));
  }
  const { history } = journal;
  expect(history.filter(({ type }) => type === "epoch").map((event) => event.epoch)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ]);
  const at = history.flatMap((event) => (event.type === "step" ? [event.epoch * 500 + event.step] : []));
  expect(at.length).toBeGreaterThan(200);
  expect(at.length).toBeLessThanOrEqual(401);
  const gaps = new Set(at.slice(1).map((x, i) => x - at[i]!));
  expect(gaps.size).toBe(1); // evenly spaced, in order
  // A run that goes on goes on with what it had.
  expect(new Journal(history).history).toEqual(history);
});

test("leaves out what JSON cannot hold", () => {
  const journal = new Journal();
  journal.add(step(0, 1, Number.NaN));
  journal.add(step(0, 2, Number.POSITIVE_INFINITY));
  journal.add(step(0, 3));
  expect(journal.history).toEqual([step(0, 3)]);
});
