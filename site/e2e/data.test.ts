import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { idxOf } from "../src/engine/data";
import { type Lab, startLab } from "./lab";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.close());

/** n images, 784 bytes each: bars on black whose place goes round. */
function bars(n: number): Buffer {
  const pixels = new Uint8Array(n * 784);
  for (let i = 0; i < n; i++) pixels.fill(255, i * 784 + (4 + (i % 20)) * 28, i * 784 + (6 + (i % 20)) * 28);
  return Buffer.from(idxOf(pixels, [28, 28]));
}

/** A PNG of one grey square per tile, dark on white. */
function sheet(side: number, tile: number): Buffer {
  const rows = Buffer.alloc(side * (side + 1), 255);
  for (let y = 0; y < side; y++) {
    rows[y * (side + 1)] = 0;
    for (let x = 0; x < side; x++)
      if (x % tile > 8 && x % tile < 20 && y % tile > 6 && y % tile < 22) rows[y * (side + 1) + 1 + x] = 0;
  }
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), body]);
    const out = Buffer.alloc(named.length + 8);
    out.writeUInt32BE(body.length, 0);
    named.copy(out, 4);
    out.writeUInt32BE(crc(named), named.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 8;
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc(bytes: Buffer): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return (c ^ 0xffffffff) >>> 0;
}

it("images of one's own are refused, previewed, used, trained on, and left again", async () => {
  const { page, finish } = await lab.open();
  const data = page.locator("#data");
  const give = (name: string, buffer: Buffer) =>
    data.locator('input[type="file"]').first().setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  const use = data.getByRole("button", { name: "Use these images" });

  await give("holiday.png", Buffer.from("this is no picture"));
  await expect
    .poll(() => data.getByRole("alert").textContent(), { timeout: 10_000 })
    .toMatch(/^holiday\.png is no PNG/);
  await give("few.idx", bars(40));
  await use.click();
  await expect
    .poll(() => data.getByRole("alert").textContent(), { timeout: 10_000 })
    .toMatch(/few\.idx has 40 images.*at least 100/);

  await give("sheet.png", sheet(280, 28));
  await expect.poll(() => data.textContent(), { timeout: 10_000 }).toContain("83 images for training, 17 set aside");
  expect(await data.textContent()).toContain("Inverted");
  await data.getByLabel("Tile of a sprite sheet").fill("14");
  await data.getByLabel("Tile of a sprite sheet").press("Enter");
  await expect.poll(() => data.textContent(), { timeout: 10_000 }).toContain("333 images for training, 67 set aside");
  if (process.env.SHOTS) {
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [390, 820, 1440]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(150);
        await data.screenshot({ path: `${process.env.SHOTS}/data-${colorScheme}-${width}.png` });
      }
  }

  await give("bars.idx", bars(240));
  await expect.poll(() => data.textContent(), { timeout: 10_000 }).toContain("200 images for training, 40 set aside");
  await use.click();
  // MNIST, if it is on its way, comes in first.
  await expect
    .poll(() => data.textContent(), { timeout: 20_000 })
    .toContain("In use: bars.idx, 200 images for training and 40 for testing");
  await page.getByRole("textbox", { name: "Epochs" }).fill("1");
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await expect.poll(() => page.locator("#training").textContent(), { timeout: 30_000 }).toContain("Finished");
  await data.getByRole("button", { name: "Back to MNIST" }).click();
  await expect.poll(() => data.textContent(), { timeout: 20_000 }).toContain("In use: MNIST");
  await finish();
});
