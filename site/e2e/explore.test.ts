import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changed, digit, type Lab, picture, settledDigit, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

describe("samples", () => {
  it("appear from the pretrained weights, change with seed and temperature, and can be saved", async () => {
    const { page, finish } = await lab.open();
    const sheet = "#samples canvas";
    expect(await page.getAttribute(sheet, "aria-label")).toContain("64 digits");
    await expect.poll(() => page.textContent("#model .facts")).toContain("pretrained");
    const first = await picture(page, sheet);
    // Ink and paper, not noise: most of a digit's pixels are bare.
    const bare = await page.locator(sheet).evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      let light = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i]! > 220 || data[i + 3] === 0) light++;
      return light / (data.length / 4);
    });
    expect(bare).toBeGreaterThan(0.5);
    expect(bare).toBeLessThan(0.95);

    await page.getByRole("button", { name: "New digits" }).click();
    const second = await changed(page, sheet, first);
    await expect.poll(() => page.url()).toContain("sampleSeed=2");
    await page.getByRole("slider", { name: "Temperature" }).fill("0");
    const mean = await changed(page, sheet, second);
    expect(mean).not.toBe(first);

    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save PNG" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe("vae-lab-seed-2.png");
    expect([...readFileSync(await file.path()).subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);

    await page.getByRole("slider", { name: "Temperature" }).fill("1");
    await page.locator("#sample-seed").fill("1");
    await page.locator("#sample-seed").press("Enter");
    await expect.poll(() => picture(page, sheet), { timeout: 20_000 }).toBe(first); // the same seed, the same digits
    await finish();
  });

  it("are asked for by the address", async () => {
    const { page, finish } = await lab.open({ hash: "n=16&sampleSeed=5" });
    expect(await page.getAttribute("#samples canvas", "aria-label")).toContain(
      "16 digits sampled from the prior, seed 5",
    );
    await finish();
  });
});

describe("the map", () => {
  it("follows the pointer, restores on leaving, pins with a click", async () => {
    const { page, finish } = await lab.open();
    const atOrigin = await settledDigit(page);
    const box = (await page.locator(".map-plot").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.15);
    await changed(page, digit, atOrigin);
    expect(await page.textContent("#map-z")).toMatch(/z = \(−1\.\d\d, 1\.\d\d\)/);
    await page.mouse.move(box.x + box.width * 0.5, box.y - 60);
    await expect.poll(() => picture(page, digit)).toBe(atOrigin);
    expect(await page.textContent("#map-z")).toBe("z = (0.00, 0.00)");

    await page.mouse.click(box.x + box.width * 0.9, box.y + box.height * 0.85);
    await page.mouse.move(box.x + box.width * 0.5, box.y - 60);
    await changed(page, digit, atOrigin);
    await expect.poll(() => page.url()).toMatch(/z=1\.\d+,-1\.\d+/);
    await finish();
  });

  it("answers to arrow keys", async () => {
    const { page, finish } = await lab.open();
    const atOrigin = await settledDigit(page);
    await page.locator(".map-plot").focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("ArrowUp");
    expect(await page.textContent("#map-z")).toBe("z = (1.50, 0.10)");
    const moved = await changed(page, digit, atOrigin);
    await page.keyboard.press("Escape");
    await expect.poll(() => picture(page, digit)).toBe(atOrigin);
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain("z=-0.5");
    expect(await picture(page, digit)).not.toBe(moved);
    await finish();
  });

  it("moves with a finger", async () => {
    const { page, finish } = await lab.open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const atOrigin = await settledDigit(page);
    await page.locator(".map-plot").scrollIntoViewIfNeeded();
    const box = (await page.locator(".map-plot").boundingBox())!;
    await page.touchscreen.tap(box.x + box.width * 0.2, box.y + box.height * 0.2);
    await changed(page, digit, atOrigin);
    await expect.poll(() => page.url()).toMatch(/z=-0\.8\d*,0\.8/);
    await finish();
  });

  it("draws the decoded grid and, once MNIST is there, the test digits by class", async () => {
    const { page, finish } = await lab.open();
    const [grid, dots] = [".map-plot canvas:nth-child(1)", ".map-plot canvas:nth-child(2)"];
    await expect.poll(() => page.textContent(".scatter-block"), { timeout: 120_000 }).toMatch(/[\d,]+ test digits/);
    await page.waitForFunction(
      () => /^[1-9]\d{2}|,/.test(document.querySelector(".scatter-block p")?.textContent ?? ""),
      null,
      {
        timeout: 120_000,
      },
    );
    const withPoints = await picture(page, dots);
    await page.getByRole("button", { name: "Hide all classes" }).click();
    const without = await changed(page, dots, withPoints);
    await page.getByRole("button", { name: "Digit 3" }).click();
    await changed(page, dots, without);
    await expect.poll(() => page.url()).toContain("hide=0,1,2,4,5,6,7,8,9");
    const full = await picture(page, grid);
    await page.getByLabel("Decoded grid").uncheck();
    await changed(page, grid, full);
    await finish();
  });
});
