import { describe, expect, it } from "vitest";
import { bookCurve, Curves } from "../src/app/curves";
import { durationText, progressOf } from "../src/app/run";
import { bookSettings, elboSettings } from "../src/app/state";
import type { Losses } from "../src/engine/protocol";
import { padded, rangeOf } from "../src/views/loss-chart";

const losses = (reconstruction: number): Losses => ({ loss: reconstruction / 784, reconstruction, kl: 5 });
const step = (epoch: number, number: number, batch: Losses) =>
  ({
    type: "step",
    epoch,
    step: number,
    steps: 100,
    epochs: 10,
    running: batch,
    batch,
    imagesPerSecond: 140.4,
    secondsLeft: 100,
  }) as const;

describe("the curves of a run", () => {
  it("put steps and epochs on one axis, with the book beside the book's loss", () => {
    const curves = new Curves("seed", 3);
    curves.addStep(step(0, 50, losses(156.8)));
    curves.addEpoch({ type: "epoch", epoch: 0, train: losses(156.8), validation: losses(148.96), seconds: 60 });
    const chart = curves.chart("loss", "pixel");
    expect(chart.x).toEqual([0.5, 1, 2, 3]);
    expect(chart.live).toEqual([0.2, null, null, null]);
    expect(chart.train[1]).toBeCloseTo(0.2);
    expect(chart.validation[1]).toBeCloseTo(0.19);
    expect(chart.bookTrain).toEqual([null, ...bookCurve.train.slice(0, 3)]);
    expect(chart.bookValidation?.[3]).toBe(0.1862);
    for (const series of [chart.live, chart.train, chart.validation]) expect(series).toHaveLength(chart.x.length);
  });

  it("converts between per pixel and nats, whichever the objective reports", () => {
    const seed = new Curves("seed", 1);
    seed.addEpoch({ type: "epoch", epoch: 0, train: losses(156.8), validation: losses(148.96), seconds: 1 });
    expect(seed.chart("loss", "nats").train[0]).toBeCloseTo(156.8);
    expect(seed.chart("loss", "nats").bookTrain?.[0]).toBeCloseTo(0.2109 * 784);
    expect(seed.chart("reconstruction", "pixel").validation[0]).toBeCloseTo(0.19);
    const elbo = new Curves("elbo", 1);
    const nats = { loss: 160, reconstruction: 154, kl: 6 };
    elbo.addEpoch({ type: "epoch", epoch: 0, train: nats, validation: nats, seconds: 1 });
    expect(elbo.chart("loss", "nats").train[0]).toBe(160);
    expect(elbo.chart("loss", "pixel").train[0]).toBeCloseTo(160 / 784);
    expect(elbo.chart("loss", "pixel").bookTrain).toBeUndefined();
    expect(elbo.table("nats")).toEqual([{ epoch: 1, seconds: 1, values: [160, 160, 154, 154, 6, 6] }]);
  });

  it("smooths batches, skips what is not finite and never grows without bound", () => {
    const curves = new Curves("seed", 10);
    for (let i = 0; i < 20_000; i++)
      curves.addStep(step(Math.floor(i / 2000), (i % 2000) / 20, losses(i % 2 ? 140 : 160)));
    curves.addStep(step(9, 100, losses(Number.NaN)));
    expect(curves.chart("loss", "pixel").x.length).toBeLessThan(520);
    expect(curves.latest!.reconstruction).toBeCloseTo(150, 0);
  });

  it("gives a chart without values a scale all the same", () => {
    expect(padded(null, null)).toEqual([0, 1]);
    expect(padded(0, 0)).toEqual([0, 0.08]);
    const [low, high] = padded(0.18, 0.2);
    expect(low).toBeLessThan(0.18);
    expect(high).toBeGreaterThan(0.2);
  });
});

it("the chart's height is not spoilt by the first batches", () => {
  const live = Array.from({ length: 100 }, (_, i) => (i < 5 ? 9 : 0.2 + i / 1000));
  const none = live.map(() => null);
  const data = {
    x: live,
    live,
    train: none,
    validation: none,
    bookTrain: undefined,
    bookValidation: undefined,
    epochs: 1,
  };
  expect(rangeOf(data)[1]).toBeLessThan(0.4);
  expect(rangeOf({ ...data, validation: [0.9] })[1]).toBeGreaterThan(0.9); // an epoch's mean always fits
});

describe("progress in words", () => {
  it("tells epoch, speed, loss in the objective's unit and the time left", () => {
    const progress = progressOf(step(1, 50, losses(156.8)), bookSettings);
    expect(progress.headline).toBe("Epoch 2 of 10, step 50 of 100");
    expect(progress.detail).toBe("loss 0.2000 · 140 images/s · 1 min 40 s left");
    expect(progress.done).toBeCloseTo(0.15);
    expect(progressOf(step(0, 1, { loss: 160, reconstruction: 155, kl: 5 }), elboSettings).detail).toContain(
      "160.00 nats",
    );
  });

  it.each([
    [4.4, "4 s"],
    [100, "1 min 40 s"],
    [1500, "25 min"],
    [7500, "2 h 5 min"],
    [-1, "0 s"],
  ])("%d seconds are %s", (seconds, text) => expect(durationText(seconds)).toBe(text));
});
