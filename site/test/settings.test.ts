import { describe, expect, it } from "vitest";
import { readNumber, readSettings, textOf } from "../src/app/settings";
import { bookSettings, elboSettings, presetOf } from "../src/app/state";

const text = (changed: object) => ({ ...textOf(bookSettings), ...changed });

describe("the training form", () => {
  it("round-trips settings", () => {
    for (const settings of [bookSettings, elboSettings]) {
      expect(readSettings(textOf(settings), bookSettings)).toEqual({ settings, errors: {} });
    }
  });

  it("reads what people type", () => {
    expect(readNumber(" 60 000 ")).toBe(60000);
    expect(readNumber("60,000")).toBe(60000);
    expect(readNumber("1e-3")).toBe(0.001);
    expect(readNumber("")).toBeNaN();
    expect(readNumber("a lot")).toBeNaN();
  });

  it.each([
    ["images", "999", /from 1,000 to 60,000/],
    ["images", "60001", /from 1,000 to 60,000/],
    ["epochs", "0", /from 1 to 1,000/],
    ["epochs", "1.5", /whole number/],
    ["batch", "1025", /from 1 to 1,024/],
    ["learningRate", "0", /from 0.000001 to 1/],
    ["learningRate", "fast", /must be a number/],
    ["seed", "-1", /from 0/],
    ["latent", "129", /from 1 to 128/],
    ["latent", "", /must be a number/],
  ] as const)("says what is wrong with %s = %s", (field, value, message) => {
    const { settings, errors } = readSettings(text({ [field]: value }), bookSettings);
    expect(Object.keys(errors)).toEqual([field]);
    expect(errors[field]).toMatch(message);
    expect(settings).toEqual(bookSettings); // the last good value stays
  });

  it("minds β only where the objective has one", () => {
    expect(readSettings(text({ beta: "-1" }), bookSettings).errors).toEqual({});
    expect(readSettings(text({ beta: "-1", objective: "elbo" }), bookSettings).errors.beta).toMatch(/β must be from 0/);
  });

  it("takes the loaded model's shape when it goes on from it", () => {
    const model = { ...bookSettings.model, latent: 16 };
    const { settings, errors } = readSettings(text({ from: "loaded", latent: "nonsense" }), bookSettings, model);
    expect(errors).toEqual({});
    expect(settings.model).toEqual(model);
    expect(readSettings(text({ from: "loaded" }), bookSettings).errors.from).toMatch(/No weights are loaded/);
  });

  it("names the preset as long as nothing that it sets differs", () => {
    expect(presetOf(bookSettings)).toBe("book");
    expect(presetOf({ ...bookSettings, images: 2000, epochs: 1, seed: 9 })).toBe("book");
    expect(presetOf(elboSettings)).toBe("elbo");
    expect(presetOf({ ...elboSettings, beta: 4 })).toBeUndefined();
    expect(presetOf({ ...bookSettings, batch: 32 })).toBeUndefined();
  });
});
