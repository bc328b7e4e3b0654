import { afterAll, beforeAll, expect, it } from "vitest";
import { changed, type Lab, picture, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

it("a drawing is encoded with every stroke, compared with test digits, and taken back", async () => {
  const { page, finish } = await lab.open();
  await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>("#draw .example button")?.disabled);
  const top = await picture(page, ".map-plot canvas:nth-child(3)");
  await page.locator(".pad").scrollIntoViewIfNeeded();
  const box = (await page.locator(".pad").boundingBox())!;
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(0.55, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.45, 0.8), { steps: 8 });
  // While the button is still down:
  await expect.poll(() => page.textContent(".draw-posterior")).toMatch(/z₁\s=\s.*±\s\d\.\d\d/);
  await page.mouse.up();
  await changed(page, ".map-plot canvas:nth-child(3)", top); // the ellipse on the map
  const out = '#draw [aria-label="What the decoder draws from μ"]';
  let one = "";
  const settled = async () => {
    const before = one;
    one = await picture(page, out);
    return one === before;
  };
  await expect.poll(settled, { interval: 400, timeout: 20_000 }).toBe(true); // the last stretch is decoded
  const ink = await page.locator(out).evaluate((element) => {
    const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, 28, 28);
    const dark = (x: number) => Array.from({ length: 28 }, (_, y) => 255 - data[4 * (y * 28 + x)]!);
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    return { middle: sum([11, 12, 13, 14, 15, 16].flatMap(dark)), sides: sum([2, 3, 4, 23, 24, 25].flatMap(dark)) };
  });
  expect(ink.middle).toBeGreaterThan(5 * ink.sides); // a stroke down the middle comes back as one

  // By keyboard: a test digit instead.
  await page.locator("#draw-label").selectOption("0");
  await page.getByRole("button", { name: "Show one" }).press("Enter");
  await changed(page, out, one);
  await expect
    .poll(() => page.textContent(".verdict"), { timeout: 100_000 })
    .toMatch(/^More digit-like than \d+ % of 500 test digits\.$/);
  const labels = await page.locator(".neighbours li > span:first-of-type").allTextContents();
  expect(labels).toHaveLength(10);
  expect(labels.filter((label) => label === "0").length).toBeGreaterThan(6);
  await page.getByRole("button", { name: "Pin on the map" }).click();
  await expect.poll(() => page.url()).toMatch(/z=-?\d/);

  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => picture(page, out)).toBe(one);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.locator(".draw-empty").waitFor();
  await finish();
});
