import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changed, type Lab, picture, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

it("a path is decoded, played, saved as GIF, APNG and PNG, and follows the data", async () => {
  const { page, finish } = await lab.open({ reducedMotion: "reduce" });
  const [strip, film] = ["#between .strip-frame canvas", "#between .film"];
  await page.waitForSelector(`${strip}[aria-label^="16 digits"]`);
  const straight = await picture(page, strip);

  // With less motion wanted it stands still until it is told to play.
  await page.locator(film).scrollIntoViewIfNeeded();
  const still = await picture(page, film);
  await page.waitForTimeout(500);
  expect(await picture(page, film)).toBe(still);
  await page.locator("#between").getByRole("button", { name: "Play" }).click();
  await changed(page, film, still);
  await page.locator("#between").getByRole("button", { name: "Pause" }).click();

  const save = async (name: string) => {
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name }).click();
    return readFileSync(await (await saved).path());
  };
  expect((await save("Save strip as PNG")).subarray(1, 4).toString()).toBe("PNG");
  for (const [name, type] of [
    ["Save GIF", "image/gif"],
    ["Save APNG", "image/png"],
  ] as const) {
    const bytes = [...(await save(name))];
    // The browser's own decoder finds every frame, there and back.
    const track = await page.evaluate(
      async ({ bytes, type }) => {
        const decoder = new ImageDecoder({ data: Uint8Array.from(bytes), type });
        await decoder.completed;
        await decoder.tracks.ready;
        const { image } = await decoder.decode({ frameIndex: 29 });
        return { ...{ frames: decoder.tracks.selectedTrack?.frameCount }, width: image.displayWidth };
      },
      { bytes, type },
    );
    expect(track).toEqual({ frames: 30, width: 224 });
  }

  // A test digit joins, by keyboard; then the path follows the density.
  await page.locator("#between-label").selectOption("1");
  await page.getByRole("button", { name: "Add a test digit" }).press("Enter");
  const longer = await changed(page, strip, straight);
  await page.waitForFunction(() => !document.querySelector<HTMLSelectElement>("#between-kind")?.disabled, null, {
    timeout: 100_000,
  });
  await page.locator("#between-kind").selectOption("density");
  await changed(page, strip, longer);
  await expect.poll(() => page.locator("#between .equation").isVisible()).toBe(true);
  await page.getByRole("button", { name: /^Remove point 3/ }).click();
  await expect.poll(() => page.locator("#between .stops li").count()).toBe(2);
  await finish();
});
