import { expect, it } from "vitest";
import { Latest } from "../src/app/latest";

it("runs one task at a time and of those that wait only the latest", async () => {
  const began: number[] = [];
  const release: (() => void)[] = [];
  const latest = new Latest<number>((input) => {
    began.push(input);
    return new Promise((done) => release.push(done));
  });
  for (const input of [1, 2, 3, 4]) latest.push(input);
  expect(began).toEqual([1]);
  release[0]!();
  await new Promise((done) => setTimeout(done));
  expect(began).toEqual([1, 4]);
  latest.push(5);
  latest.clear();
  release[1]!();
  await new Promise((done) => setTimeout(done));
  expect(began).toEqual([1, 4]);
  latest.push(6);
  expect(began).toEqual([1, 4, 6]);
});
