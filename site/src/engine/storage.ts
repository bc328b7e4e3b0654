import { type CheckpointStore, type SlotFolder, SlotStore } from "./checkpoint-store";
import { DatabaseStore } from "./idb-store";

// What this browser keeps checkpoints in. All copies of the page that one origin serves share it.

const lockName = "vaelab-autosave";
const folderName = "vaelab-autosave";
/** A page that is being closed may take a moment to let go. */
const patience = 2000; // milliseconds

/** Another tab has the store. */
export class StoreInUse extends Error {
  override name = "StoreInUse";
  constructor() {
    super("another tab of this page is saving its own run");
  }
}

/** What of the browser is needed, so that tests can do without one. */
export interface Surroundings {
  navigator?: { locks?: LockManager; storage?: StorageManager };
  indexedDB?: IDBFactory;
}

/** Opens the store for this worker alone: files, or where there are none a database. */
export async function openStorage(scope: Surroundings = globalThis): Promise<CheckpointStore> {
  const release = await lock(scope.navigator?.locks);
  try {
    const folder = await openFolder(scope.navigator?.storage);
    if (folder) return new SlotStore(folder, release);
    if (!scope.indexedDB) throw new Error("this browser gives the page no storage");
    return await DatabaseStore.open(scope.indexedDB, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Waits for the lock; returns what releases it. Without locks (an insecure context) there is one tab, one hopes. */
async function lock(locks: LockManager | undefined): Promise<() => void> {
  if (!locks) return () => {};
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patience);
  return new Promise((resolve, reject) => {
    locks
      .request(lockName, { signal: late.signal }, () => {
        clearTimeout(timer);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(() => reject(new StoreInUse()));
  });
}

/** The folder of the slots; undefined where the browser has no such files, as some private windows do not. */
async function openFolder(storage: StorageManager | undefined): Promise<SlotFolder | undefined> {
  try {
    const root = await storage?.getDirectory();
    const folder = await root?.getDirectoryHandle(folderName, { create: true });
    if (!folder) return undefined;
    const probe = (await folder.getFileHandle("probe", { create: true })) as FileHandle;
    if (typeof probe.createSyncAccessHandle !== "function") return undefined;
    const handle = await probe.createSyncAccessHandle();
    const size: unknown = handle.getSize(); // a promise in the first browsers that had it
    handle.close();
    await folder.removeEntry("probe");
    if (typeof size !== "number") return undefined;
    return {
      open: async (name) => {
        const file = (await folder.getFileHandle(name, { create: true })) as FileHandle;
        return file.createSyncAccessHandle();
      },
      remove: async (name) => {
        await folder.removeEntry(name).catch((error: unknown) => {
          if ((error as DOMException).name !== "NotFoundError") throw error;
        });
      },
    };
  } catch {
    return undefined;
  }
}

type FileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<import("./checkpoint-store").SlotFile>;
};
