import type { CheckpointStore } from "./checkpoint-store";

// The second choice: in a database the browser sees to it that a record is replaced whole or not at all.

const table = "checkpoints";
const key = "newest";

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class DatabaseStore implements CheckpointStore {
  private constructor(
    private readonly database: IDBDatabase,
    private readonly onClose: () => void,
  ) {}

  static async open(factory: IDBFactory, onClose: () => void = () => {}): Promise<DatabaseStore> {
    const request = factory.open("vaelab-autosave", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table);
    return new DatabaseStore(await settled(request), onClose);
  }

  save(record: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.change((store) => store.put(record, key));
  }

  load(): Promise<Uint8Array | undefined> {
    return settled(this.database.transaction(table).objectStore(table).get(key));
  }

  clear(): Promise<void> {
    return this.change((store) => store.delete(key));
  }

  close(): void {
    this.database.close();
    this.onClose();
  }

  /** Settles when the change is on the disk. */
  private change(make: (store: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(table, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      make(transaction.objectStore(table));
    });
  }
}
