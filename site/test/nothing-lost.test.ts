import { beforeEach, describe, expect, it, vi } from "vitest";
import { Autosave } from "../src/app/autosave";
import { Offline } from "../src/app/offline";
import type { EnginePort } from "../src/app/port";
import { describe as describeRun, Recovery } from "../src/app/recovery";
import { bookSettings } from "../src/app/state";
import { WakeLock } from "../src/app/wake-lock";
import type { EngineEvent, InterruptedRun } from "../src/engine/protocol";

const soon = () => new Promise((done) => setTimeout(done, 5));
const interrupted: InterruptedRun = { settings: bookSettings, epoch: 2, step: 120, steps: 3750, savedAt: 1_000_000 };

describe("the offer to go on", () => {
  const setUp = (answer: (type: string) => unknown) => {
    const asked: string[] = [];
    const engine = {
      request: async (type: string) => {
        asked.push(type);
        return answer(type);
      },
      on: () => {},
    } as unknown as EnginePort;
    const element = document.createElement("section");
    const goOn = vi.fn(async () => {});
    const recovery = new Recovery(element, engine, { goOn, onError: vi.fn() }, () => 1_065_000);
    const box = element.firstElementChild as HTMLElement;
    const [go, discard] = [...element.querySelectorAll("button")];
    return { recovery, box, go: go!, discard: discard!, goOn, asked };
  };

  it("says which run and where, goes on or discards it", async () => {
    let run: InterruptedRun | undefined = interrupted;
    const { recovery, box, go, discard, goOn, asked } = setUp((type) => {
      if (type === "discard") run = undefined;
      return { run };
    });
    expect(box.hidden).toBe(true);
    await recovery.look();
    expect(box.hidden).toBe(false);
    expect(box.textContent).toContain(
      "in epoch 3 of 10, at step 120 of 3,750 (the book’s loss, 60,000 images), saved 1 min 5 s ago",
    );
    go.click();
    expect(goOn).toHaveBeenCalledWith(bookSettings);
    recovery.update(true); // the run is active
    expect(box.hidden).toBe(true);
    recovery.update(false); // it came to nothing: it is offered again
    await soon();
    expect(box.hidden).toBe(false);
    discard.click();
    await soon();
    expect(box.hidden).toBe(true);
    expect(asked.filter((type) => type === "discard")).toHaveLength(1);
  });

  it("says that only a validation is missing", () => {
    expect(describeRun({ ...interrupted, epoch: 10, step: 0 }, 1_000_000)).toContain("All 10 epochs were trained");
  });
});

describe("autosave", () => {
  it("saves when the page may go, asks before it does, and tells what cannot be saved", () => {
    const listeners: ((event: EngineEvent) => void)[] = [];
    const request = vi.fn(async () => ({}));
    const engine = { request, on: (listener: never) => listeners.push(listener) } as unknown as EnginePort;
    const page = { notify: vi.fn(), dismiss: vi.fn() };
    const autosave = new Autosave(engine, page);
    const leave = () => {
      const event = new Event("beforeunload", { cancelable: true });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(leave()).toBe(false);
    expect(request).not.toHaveBeenCalled();
    autosave.update(true);
    expect(leave()).toBe(true);
    expect(request).toHaveBeenCalledWith("save", {});
    listeners[0]!({ type: "unsaved", message: "The browser’s storage is full." });
    expect(page.notify).toHaveBeenCalledWith(expect.objectContaining({ id: "unsaved", kind: "warning" }));
    listeners[0]!({ type: "saved", epoch: 0, step: 1, milliseconds: 9 });
    expect(page.dismiss).toHaveBeenCalledWith("unsaved");
    autosave.update(false);
    expect(leave()).toBe(false);
  });
});

it("the screen stays on during a run, again when the page is seen again, and not after it", async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible", defaultView: {} });
  let held = 0;
  const request = vi.fn(async () => {
    held++;
    return { release: async () => held-- };
  });
  page.defaultView = { navigator: { wakeLock: { request } } };
  const lock = new WakeLock(page as unknown as Document);
  lock.set(true);
  await soon();
  expect(held).toBe(1);
  held = 0; // hidden: the browser took it
  page.dispatchEvent(new Event("visibilitychange"));
  await soon();
  expect(held).toBe(1);
  lock.set(false);
  await soon();
  expect(held).toBe(0);
  page.dispatchEvent(new Event("visibilitychange"));
  await soon();
  expect(request).toHaveBeenCalledTimes(2);
});

describe("offline", () => {
  const made = (isolated: boolean) => {
    const worker = Object.assign(new EventTarget(), { state: "installing", postMessage: vi.fn() });
    const registration = Object.assign(new EventTarget(), {
      installing: worker,
      waiting: null,
      active: null as unknown,
      update: vi.fn(),
    });
    const container = Object.assign(new EventTarget(), {
      register: vi.fn(async () => registration),
      controller: null as unknown,
    });
    const kept = new Map<string, string>();
    const window = Object.assign(new EventTarget(), {
      crossOriginIsolated: isolated,
      isSecureContext: true,
      navigator: { serviceWorker: container },
      document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
      sessionStorage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
      },
      location: { reload: vi.fn() },
    });
    const page = { notify: vi.fn(), dismiss: vi.fn() };
    const open = () => new Offline(page, window as never);
    const become = (state: string) => {
      worker.state = state;
      worker.dispatchEvent(new Event("statechange"));
    };
    return { open, window, page, worker, registration, container, become };
  };
  let stage: ReturnType<typeof made>;
  beforeEach(() => {
    stage = made(false);
  });

  it("reloads once for isolation, and never again when that did not help", async () => {
    await stage.open().start();
    expect(stage.window.location.reload).not.toHaveBeenCalled();
    stage.become("activated");
    expect(stage.window.location.reload).toHaveBeenCalledOnce();
    stage.registration.active = stage.worker;
    await stage.open().start(); // after the reload
    expect(stage.window.location.reload).toHaveBeenCalledOnce();
  });

  it.each<[string, (offline: Offline) => unknown]>([
    ["a run is going", (offline) => offline.update(true)],
    ["somebody is at work", () => stage.window.dispatchEvent(new Event("pointerdown"))],
    ["it is isolated", () => Object.assign(stage.window, { crossOriginIsolated: true })],
    ["it could not remember", () => Object.assign(stage.window.sessionStorage, { setItem: () => {} })],
  ])("does not reload when %s", async (_, happen) => {
    const offline = stage.open();
    await offline.start();
    happen(offline);
    stage.become("activated");
    expect(stage.window.location.reload).not.toHaveBeenCalled();
  });

  it("offers a new version, between runs only, and reloads when it has taken over", async () => {
    stage = made(true);
    stage.container.controller = {};
    const offline = stage.open();
    await offline.start();
    offline.update(true);
    stage.become("installed");
    expect(stage.page.notify).not.toHaveBeenCalled();
    offline.update(false);
    expect(stage.page.notify).toHaveBeenCalledOnce();
    offline.update(true);
    expect(stage.page.dismiss).toHaveBeenCalledWith("update");
    offline.update(false);
    const { action } = stage.page.notify.mock.lastCall![0];
    action.run();
    expect(stage.worker.postMessage).toHaveBeenCalledWith("take over");
    expect(stage.window.location.reload).not.toHaveBeenCalled();
    stage.container.dispatchEvent(new Event("controllerchange"));
    expect(stage.window.location.reload).toHaveBeenCalledOnce();
  });

  it("the first version is no new one", async () => {
    stage = made(true);
    await stage.open().start();
    stage.become("installed");
    expect(stage.page.notify).not.toHaveBeenCalled();
  });
});
