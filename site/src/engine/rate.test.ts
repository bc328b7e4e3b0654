import { expect, test } from "vitest";
import { Rate } from "./rate";

test("the rate looks back over the window only", () => {
  const rate = new Rate(1000);
  rate.restart(0);
  expect(rate.perSecond).toBe(0);
  for (let at = 100; at <= 2000; at += 100) rate.add(1, at); // 10 images/s
  expect(rate.perSecond).toBeCloseTo(10, 6);
  for (let at = 2100; at <= 4000; at += 100) rate.add(5, at); // 50 images/s
  expect(rate.perSecond).toBeCloseTo(50, 6);
});

test("a step slower than the window still has a rate", () => {
  const rate = new Rate(1000);
  rate.restart(0);
  rate.add(128, 8000);
  expect(rate.perSecond).toBeCloseTo(16, 6);
  rate.add(128, 12_000);
  expect(rate.perSecond).toBeCloseTo(32, 6);
});

test("a restart leaves out the time of other work", () => {
  const rate = new Rate(5000);
  rate.restart(0);
  rate.add(10, 1000);
  rate.restart(61_000); // a minute of validation
  expect(rate.perSecond).toBeCloseTo(10, 6);
  rate.add(30, 62_000);
  expect(rate.perSecond).toBeCloseTo(30, 6);
});
