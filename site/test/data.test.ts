import { describe, expect, it } from "vitest";
import { dimensionsOf } from "../src/app/data-dimensions";
import { type Chosen, readOwn } from "../src/app/data-files";
import { parseIdx, readIdx } from "../src/app/data-idx";
import { checkPicture, cut, grid, isBlank } from "../src/app/data-pictures";
import { greyOf, paperOf, resize } from "../src/app/data-resize";
import { labelsOf, type OwnImages, preview, shuffledOrder, split } from "../src/app/data-split";
import { inflate } from "../src/app/data-unpack";
import { listZip, unzip } from "../src/app/data-zip";
import { idxOf } from "../src/engine/data";

type Bytes = Uint8Array<ArrayBuffer>;

async function pack(bytes: Bytes, format: "gzip" | "deflate-raw"): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

interface Packed {
  name: string;
  body: Bytes;
  method?: number;
  size?: number;
  flags?: number;
}

/** A zip as any program writes it; what it says of its entries can be bent. */
function zip(files: Packed[]): Bytes {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, body, method = 0, size = body.length, flags = 0 } of files) {
    const head = Buffer.alloc(30 + name.length);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(name.length, 26);
    head.write(name, 30);
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(body.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    entry.write(name, 46);
    local.push(head, Buffer.from(body));
    central.push(entry);
    at += head.length + body.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...local, ...central, end]));
}

const images = (n: number, size = [28, 28]) =>
  idxOf(
    Uint8Array.from({ length: n * size[0]! * size[1]! }, (_, i) => i % 251),
    size,
  ) as Bytes;
const chosen = (path: string, bytes: Bytes): Chosen => ({ path, size: bytes.length, bytes: async () => bytes });
const options = { tile: 28, onProgress: () => {}, signal: new AbortController().signal };

describe("IDX files", () => {
  it("are read plain and gzipped", async () => {
    const plain = images(3);
    for (const bytes of [plain, await pack(plain, "gzip")]) {
      const idx = await readIdx(bytes, "a");
      expect(idx).toMatchObject({ kind: "images", count: 3, rows: 28, columns: 28 });
      expect(idx.kind === "images" && idx.pixels).toEqual(plain.subarray(16));
    }
  });

  it("are refused by name when they are cut, too long, huge or something else", () => {
    const good = images(2);
    const word = (at: number, value: number) => {
      const bad = good.slice();
      new DataView(bad.buffer).setUint32(at, value);
      return bad;
    };
    const cases: [Bytes, RegExp][] = [
      [good.slice(0, 9), /ends in its header/],
      [good.slice(0, -1), /truncated/],
      [new Uint8Array([...good, 0]), /goes on after its end/],
      [word(4, 0xffffffff), /at most 70,000/],
      [word(4, 0), /nothing in it/],
      [word(8, 0xffffffff), /want 1 to 1024/],
      [word(0, 0x00000802), /has 2 dimensions/],
      [word(0, 0x00000d03), /no IDX file/],
      [new Uint8Array(0), /no IDX file/],
      [idxOf(Uint8Array.of(1, 12), []) as Bytes, /label 1 is 12/],
    ];
    for (const [bytes, message] of cases) {
      expect(() => parseIdx(bytes, "mine.idx")).toThrow(message);
      expect(() => parseIdx(bytes, "mine.idx")).toThrow(/^mine\.idx\b/);
    }
  });

  it("come in sets: the one called test is the test set, and counts must agree", async () => {
    const labels = (n: number) => idxOf(new Uint8Array(n).fill(4), []) as Bytes;
    const own = await readOwn(
      [
        chosen("t10k-images", images(30)),
        chosen("t10k-labels", labels(30)),
        chosen("train-images", images(100)),
        chosen("train-labels", labels(100)),
      ],
      options,
    );
    expect(own).toMatchObject({ name: "train-images", testFrom: 100 });
    expect(own.labels).toHaveLength(130);
    expect(split(own, { invert: "no", testShare: 0.5 }).test.labels).toHaveLength(30);
    await expect(readOwn([chosen("i", images(9)), chosen("l", labels(8))], options)).rejects.toThrow(/i has 9 images/);
    await expect(readOwn([chosen("l", labels(8))], options)).rejects.toThrow(/labels only/);
    await expect(readOwn([chosen("a", images(9)), chosen("b", images(8))], options)).rejects.toThrow(
      /a and b all hold/,
    );
  });

  it("of another size are resized, and say so", async () => {
    const own = await readOwn([chosen("big", images(4, [56, 56]))], options);
    expect(own.pixels).toHaveLength(4 * 784);
    expect(own.notes).toEqual(["Resized from 56×56."]);
  });
});

describe("decompression", () => {
  it("stops at its bound, and names what is damaged", async () => {
    const bomb = await pack(new Uint8Array(8 << 20), "gzip");
    expect(bomb.length).toBeLessThan(20_000);
    await expect(inflate(bomb, "gzip", 1 << 20, "bomb.gz")).rejects.toThrow(/^bomb\.gz unpacks to more than 1 MB/);
    await expect(inflate(bomb.slice(0, 500), "gzip", 1 << 24, "cut.gz")).rejects.toThrow(/^cut\.gz is damaged/);
  });
});

describe("zips", () => {
  const body = Uint8Array.from({ length: 5000 }, (_, i) => i % 7);

  it("give back what was packed, without folders and what systems add", async () => {
    const archive = zip([
      { name: "a/", body: new Uint8Array(0) },
      { name: "a/1.png", body },
      { name: "__MACOSX/a/._1.png", body },
      { name: "a/2.png", body: await pack(body, "deflate-raw"), method: 8, size: 5000 },
    ]);
    const entries = listZip(archive, "z.zip");
    expect(entries.map(({ name }) => name)).toEqual(["a/1.png", "a/2.png"]);
    for (const entry of entries) expect(await unzip(entry, "z.zip")).toEqual(body);
  });

  it("that lie, are cut, locked or of another kind are refused", async () => {
    const deflated = await pack(body, "deflate-raw");
    const good = zip([{ name: "1.png", body }]);
    const zip64 = good.slice();
    new DataView(zip64.buffer).setUint16(good.length - 12, 0xffff, true);
    const listed: [Bytes, RegExp][] = [
      [good.slice(0, -5), /damaged at its end/],
      [good.slice(9), /damaged/],
      [zip([{ name: "1.png", body, flags: 1 }]), /1\.png is encrypted/],
      [zip([{ name: "1.png", body, method: 14 }]), /method 14/],
      [zip([{ name: "1.png", body, size: 0x7fffffff }]), /unpacks to 2,048 MB/],
      [
        zip(Array.from({ length: 20 }, (_, i) => ({ name: `${i}`, body: body.slice(0, 9), size: 30 << 20 }))),
        /more than 512 MB/,
      ],
      [zip64, /zip64/],
    ];
    for (const [bytes, message] of listed) expect(() => listZip(bytes, "z.zip")).toThrow(message);
    const unpacked = (size: number) =>
      unzip(listZip(zip([{ name: "1", body: deflated, method: 8, size }]), "z")[0]!, "z");
    await expect(unpacked(4000)).rejects.toThrow(/unpacks to more/); // more than it promised
    await expect(unpacked(6000)).rejects.toThrow(/has 5000 bytes, its archive promises 6000/);
    await expect(readOwn([chosen("z.zip", zip([{ name: "a.txt", body }]))], options)).rejects.toThrow(/no PNG/);
  });

  it("survive every cut and every flipped byte of their directory without anything but a refusal", () => {
    const good = zip([{ name: "1.png", body: body.slice(0, 40) }]);
    for (let i = 0; i < good.length; i++) {
      const flipped = good.slice();
      flipped[i]! ^= 0xff;
      for (const bytes of [good.slice(0, i), flipped]) {
        try {
          listZip(bytes, "z.zip");
        } catch (error) {
          expect(String(error)).toContain("z.zip");
        }
      }
    }
  });
});

describe("pictures", () => {
  const png = (width: number, height: number) => {
    const bytes = new Uint8Array(33);
    const view = new DataView(bytes.buffer);
    [0x89504e47, 0x0d0a1a0a, 13, 0x49484452, width, height].forEach((word, i) => {
      view.setUint32(4 * i, word);
    });
    return bytes;
  };

  it("tell their size before they are decoded", () => {
    expect(dimensionsOf(png(30, 40))).toEqual({ width: 30, height: 40 });
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc0, 0, 17, 8, 0, 50, 0, 60];
    expect(dimensionsOf(Uint8Array.from(jpeg))).toEqual({ width: 60, height: 50 });
    expect(dimensionsOf(Uint8Array.from(jpeg.slice(0, 14)))).toBeUndefined();
    const text = (s: string) => [...s].map((c) => c.charCodeAt(0));
    const webp = [...text("RIFF"), 0, 0, 0, 0, ...text("WEBPVP8X"), 10, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 49, 0, 0];
    expect(dimensionsOf(Uint8Array.from(webp))).toEqual({ width: 100, height: 50 });
    expect(dimensionsOf(new Uint8Array(3))).toBeUndefined();
  });

  it("that are huge, empty or none are refused by name", () => {
    expect(() => checkPicture(png(60_000, 60_000), "huge.png")).toThrow(/^huge\.png has 60000×60000 pixels/);
    expect(() => checkPicture(png(0, 5), "flat.png")).toThrow(/^flat\.png is no PNG/);
    expect(() => checkPicture(new Uint8Array(900), "a.png")).toThrow(/^a\.png is no PNG/);
  });

  it("keep their mean when they shrink, and their shape", () => {
    const values = Uint8ClampedArray.from({ length: 56 * 56 }, (_, i) => (i % 2 ? 200 : 100));
    expect(new Set(resize({ values, width: 56, height: 56 }))).toEqual(new Set([150]));
    const tall = new Uint8ClampedArray(10 * 20).fill(10);
    for (let y = 1; y < 19; y++) tall.fill(250, y * 10 + 1, y * 10 + 9);
    const small = resize({ values: tall, width: 10, height: 20 });
    expect(small[14 * 28 + 14]).toBe(250);
    expect(small[14 * 28 + 2]).toBe(10); // beside it: its own paper
    expect(small[14 * 28 + 25]).toBe(10);
  });

  it("are paper where they are transparent", () => {
    const grey = greyOf(Uint8ClampedArray.of(0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 128), 2, 2);
    expect([...grey.values]).toEqual([255, 0, 76, 255]);
    expect(paperOf(grey)).toBeCloseTo((255 + 76 + 255) / 4);
  });

  it("are cut into tiles", () => {
    expect(grid(100, 60, 28, "s")).toEqual({ columns: 3, rows: 2, leftOver: true });
    expect(() => grid(20, 60, 28, "s.png")).toThrow(/^s\.png has 20×60 pixels, less than one tile of 28/);
    const strip = { values: Uint8ClampedArray.of(1, 2, 3, 3, 5, 6, 3, 3), width: 4, height: 2 };
    expect([...cut(strip, 0, 2).values]).toEqual([1, 2, 5, 6]);
    expect(isBlank(cut(strip, 2, 2))).toBe(true);
  });
});

describe("the split", () => {
  const own = (n: number): OwnImages => ({
    name: "mine",
    pixels: Uint8Array.from({ length: n * 784 }, (_, i) => Math.floor(i / 784) % 256),
    labels: undefined,
    lightPaper: true,
    testFrom: undefined,
    notes: [],
  });

  it("sets the last sixth aside, and inverts light paper", () => {
    const { train, test } = split(own(120), { invert: "auto", testShare: 1 / 6 });
    expect([train.labels.length, test.labels.length]).toEqual([100, 20]);
    expect(test.images[0]).toBe(255 - 100);
    expect(preview(own(120), "no", 64)).toHaveLength(64 * 784);
    expect(preview(own(120), "no", 64)[784]).toBe(1);
  });

  it("refuses what is too little to learn from", () => {
    expect(() => split(own(99), { invert: "no", testShare: 0.2 })).toThrow(/mine has 99 images, and training wants/);
  });

  it("mixes files, always alike, and reads classes off folders", () => {
    const order = shuffledOrder(500);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(order).toEqual(shuffledOrder(500));
    expect([...order.subarray(400)].filter((i) => i < 400).length).toBeGreaterThan(60);
    expect(labelsOf(["x/3/a.png", "7/b.png"])).toEqual(Uint8Array.of(3, 7));
    expect(labelsOf(["x/3/a.png", "b.png"])).toBeUndefined();
  });
});
