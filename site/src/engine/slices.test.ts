import { expect, test } from "vitest";
import { inSlices, joinBytes, joinFloats } from "./slices";

function pace(costOfPart: number) {
  let time = 0;
  let turns = 0;
  return {
    pace: { now: () => time, turn: async () => void turns++ },
    work: () => {
      time += costOfPart;
    },
    turns: () => turns,
  };
}

test("slices cover the whole once, in order, with turns when the budget is spent", async () => {
  const { pace: p, work, turns } = pace(5);
  const seen = await inSlices(
    10,
    4,
    p,
    (lo, hi) => {
      work();
      return [lo, hi];
    },
    () => {},
  );
  expect(seen).toEqual([
    [0, 4],
    [4, 8],
    [8, 10],
  ]);
  expect(turns()).toBe(1); // after 10 ms; none after the last
});

test("what is empty reaches the engine once, for it to refuse", async () => {
  const { pace: p } = pace(0);
  expect(
    await inSlices(
      0,
      4,
      p,
      (lo, hi) => [lo, hi],
      () => {},
    ),
  ).toEqual([[0, 0]]);
});

test("a check that fails after a turn ends the work", async () => {
  const { pace: p, work } = pace(50);
  let parts = 0;
  const all = inSlices(
    100,
    10,
    p,
    () => {
      work();
      parts++;
    },
    () => {
      throw new Error("replaced");
    },
  );
  await expect(all).rejects.toThrow("replaced");
  expect(parts).toBe(1);
});

test("parts are joined in order", () => {
  expect(joinBytes([new Uint8Array([1, 2]), new Uint8Array([3])])).toEqual(new Uint8Array([1, 2, 3]));
  expect(joinFloats([new Float32Array([0.5]), new Float32Array([2, 3])])).toEqual(new Float32Array([0.5, 2, 3]));
});
