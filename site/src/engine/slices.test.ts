import { expect, test } from "vitest";
import { inShares, inSlices, joinBytes, joinFloats, type Lender } from "./slices";

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

/** Two who take parts over and answer when told; `refuse` says whose answer comes to nothing. */
function lenders(refuse: (start: number) => boolean = () => false) {
  const waiting: (() => void)[] = [];
  const state = { free: 2, lent: [] as number[][], answer: () => waiting.shift()?.() };
  const lender: Lender<string> = {
    free: () => state.free,
    lend: (start, end) => {
      state.free--;
      state.lent.push([start, end]);
      return new Promise((resolve) => {
        waiting.push(() => {
          state.free++;
          resolve(refuse(start) ? undefined : `lent ${start}-${end}`);
        });
      });
    },
  };
  return { state, lender };
}
const here = (start: number, end: number) => `here ${start}-${end}`;

test("while others are free they get everything, and the parts come back in order", async () => {
  const { state, lender } = lenders();
  const whole = inShares(100, 5, 30, pace(0).pace, here, lender, () => {});
  expect(state.lent).toEqual([
    [0, 30],
    [30, 60],
  ]);
  const clock = setInterval(state.answer);
  expect(await whole).toEqual(["lent 0-30", "lent 30-60", "lent 60-90", "lent 90-100"]);
  clearInterval(clock);
});

test("what comes to nothing elsewhere is calculated here, in slices", async () => {
  const { state, lender } = lenders((start) => start === 30);
  const clock = setInterval(state.answer);
  const whole = await inShares(60, 10, 30, pace(0).pace, here, lender, () => {});
  clearInterval(clock);
  expect(whole).toEqual(["lent 0-30", "here 30-40", "here 40-50", "here 50-60"]);
});

test("while nobody is free everything is calculated here; who becomes free takes the rest over", async () => {
  const { state, lender } = lenders();
  state.free = 0;
  const { pace: p, work } = pace(10);
  let parts = 0;
  const clock = setInterval(state.answer);
  const whole = await inShares(
    60,
    10,
    30,
    p,
    (start, end) => {
      work();
      if (++parts === 3) state.free = 1;
      return here(start, end);
    },
    lender,
    () => {},
  );
  clearInterval(clock);
  expect(whole).toEqual(["here 0-10", "here 10-20", "here 20-30", "lent 30-60"]);
});

test("a failure elsewhere, or of the check, fails the whole", async () => {
  const failing: Lender<string> = { free: () => 1, lend: () => Promise.reject(new Error("z[40] is NaN")) };
  await expect(inShares(60, 10, 30, pace(0).pace, here, failing, () => {})).rejects.toThrow("z[40] is NaN");
  const { state, lender } = lenders();
  const clock = setInterval(state.answer);
  const replaced = () => {
    throw new Error("replaced");
  };
  await expect(inShares(60, 10, 30, pace(0).pace, here, lender, replaced)).rejects.toThrow("replaced");
  clearInterval(clock);
});
