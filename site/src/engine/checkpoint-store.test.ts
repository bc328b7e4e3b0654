import "fake-indexeddb/auto";
import { describe, expect, test } from "vitest";
import { type CheckpointStore, checksum, type SlotFile, SlotStore } from "./checkpoint-store";
import { DatabaseStore } from "./idb-store";
import { openStorage, StoreInUse } from "./storage";

/** The power is cut: nothing that comes after happens. */
class Kill extends Error {}

/**
 * A file system whose every write may be the last one, and may be torn. `left` counts the
 * operations until then; the one that is hit is done by half.
 */
class FakeDisk {
  readonly files = new Map<string, Uint8Array>();
  left = Number.POSITIVE_INFINITY;
  room = Number.POSITIVE_INFINITY;
  operations = 0;
  open = 0;

  private operate(whole: () => void, half: () => void = () => {}): void {
    this.operations++;
    if (this.left <= 0) throw new Kill();
    if (--this.left === 0) {
      half();
      throw new Kill();
    }
    whole();
  }

  folder = {
    open: async (name: string): Promise<SlotFile> => {
      this.operate(() => this.files.set(name, this.files.get(name) ?? new Uint8Array()));
      this.open++;
      return {
        getSize: () => this.files.get(name)!.length,
        read: (into, { at }) => {
          const part = this.files.get(name)!.subarray(at, at + into.length);
          into.set(part);
          return part.length;
        },
        write: (bytes, { at }) => {
          const put = (n: number) => {
            const old = this.files.get(name)!;
            const file = new Uint8Array(Math.max(old.length, at + n));
            file.set(old);
            file.set(bytes.subarray(0, n), at);
            this.files.set(name, file);
            return n;
          };
          const fits = Math.max(0, Math.min(bytes.length, this.room - at));
          let written = 0;
          this.operate(
            () => {
              written = put(fits);
            },
            () => put(fits >> 1),
          );
          return written;
        },
        truncate: (size) => {
          if (size > this.room) throw new DOMException("no room", "QuotaExceededError");
          this.operate(() => {
            const file = new Uint8Array(size);
            file.set(this.files.get(name)!.subarray(0, size));
            this.files.set(name, file);
          });
        },
        flush: () => this.operate(() => {}),
        close: () => this.open--,
      };
    },
    remove: async (name: string) => this.operate(() => this.files.delete(name)),
  };
}

const record = (n: number, size = 1001): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + n * 101 + (i >> 8)) & 255);

describe.each<[string, () => Promise<() => Promise<CheckpointStore>>]>([
  [
    "files",
    async () => {
      const disk = new FakeDisk();
      return async () => new SlotStore(disk.folder);
    },
  ],
  [
    "a database",
    async () => {
      const factory = new IDBFactory();
      return () => DatabaseStore.open(factory);
    },
  ],
])("a store in %s", (_, make) => {
  test("keeps the newest record, also for the next worker, until it is cleared", async () => {
    const open = await make();
    let store = await open();
    expect(await store.load()).toBeUndefined();
    for (let n = 1; n <= 5; n++) {
      await store.save(record(n, 900 + 50 * (n % 3))); // shorter and longer ones in turn
      expect(await store.load()).toEqual(record(n, 900 + 50 * (n % 3)));
    }
    store.close();
    store = await open();
    expect(await store.load()).toEqual(record(5, 1000));
    await store.clear();
    expect(await store.load()).toBeUndefined();
    await store.save(record(6));
    store.close();
    expect(await (await open()).load()).toEqual(record(6));
  });
});

test("a kill before, in or after any operation leaves the old record or the new one, whole", async () => {
  const outcomes = new Set<number>();
  for (let saved = 0; saved <= 3; saved++) {
    for (let left = 1; ; left++) {
      const disk = new FakeDisk();
      const before = new SlotStore(disk.folder);
      for (let n = 1; n <= saved; n++) await before.save(record(n, 800 + 100 * n));
      before.close();
      disk.left = left;
      let killed = false;
      try {
        await new SlotStore(disk.folder).save(record(9, 1203));
      } catch (error) {
        if (!(error instanceof Kill)) throw error;
        killed = true;
      }
      disk.left = Number.POSITIVE_INFINITY;
      const found = await new SlotStore(disk.folder).load();
      const old = saved === 0 ? undefined : record(saved, 800 + 100 * saved);
      if (killed && found?.length !== 1203) expect(found).toEqual(old);
      else expect(found).toEqual(record(9, 1203));
      outcomes.add(found?.length ?? 0);
      // The next save works whatever was left.
      const after = new SlotStore(disk.folder);
      await after.save(record(10));
      expect(await after.load()).toEqual(record(10));
      if (!killed) break;
    }
  }
  expect(outcomes).toEqual(new Set([0, 900, 1000, 1100, 1203])); // old ones and new ones were met
});

test("a byte that rots in the newest record leaves the one before it", async () => {
  const disk = new FakeDisk();
  const store = new SlotStore(disk.folder);
  await store.save(record(1));
  await store.save(record(2));
  store.close();
  for (const at of [0, 5, 9, 13, 16, 700, 1016]) {
    const spoilt = new FakeDisk();
    for (const [name, bytes] of disk.files) spoilt.files.set(name, bytes.slice());
    spoilt.files.get("checkpoint-b")![at]! ^= 0x10;
    expect(await new SlotStore(spoilt.folder).load(), `byte ${at}`).toEqual(record(1));
  }
  expect(checksum(new Uint8Array(12))).not.toBe(0); // a file of zeros is not whole
});

test("a full disk leaves the old record, and a later save works", async () => {
  const disk = new FakeDisk();
  const store = new SlotStore(disk.folder);
  await store.save(record(1));
  await store.save(record(2));
  for (const room of [10, 500, 1016]) {
    disk.room = room;
    await expect(store.save(record(3))).rejects.toMatchObject({ name: "QuotaExceededError" });
    expect(await store.load()).toEqual(record(2));
  }
  disk.room = Number.POSITIVE_INFINITY;
  await store.save(record(4));
  expect(await store.load()).toEqual(record(4));
  store.close();
  expect(disk.open).toBe(0);
});

describe("the browser's storage", () => {
  const noFiles = { storage: { getDirectory: () => Promise.reject(new DOMException("private", "SecurityError")) } };

  test("is a database where there are no files", async () => {
    const scope = { navigator: noFiles as never, indexedDB: new IDBFactory() };
    const store = await openStorage(scope);
    expect(store).toBeInstanceOf(DatabaseStore);
    await store.save(record(1));
    store.close();
    expect(await (await openStorage(scope)).load()).toEqual(record(1));
  });

  test("is refused where there is neither", async () => {
    await expect(openStorage({ navigator: noFiles as never })).rejects.toThrow("no storage");
  });

  test("is one tab's at a time, and free again when that closes it", async () => {
    let held: Promise<unknown> = Promise.resolve();
    const locks = {
      request: (_: string, { signal }: LockOptions, task: () => Promise<unknown>) => {
        const aborted = new Promise((_resolve, reject) => {
          signal!.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        });
        const mine = Promise.race([held, aborted]).then(task);
        held = mine.catch(() => {});
        return mine;
      },
    };
    const scope = { navigator: { ...noFiles, locks } as never, indexedDB: new IDBFactory() };
    const first = await openStorage(scope);
    await expect(openStorage(scope)).rejects.toBeInstanceOf(StoreInUse);
    first.close();
    const second = await openStorage(scope);
    second.close();
  });
});
