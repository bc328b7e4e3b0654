import { runnableBuilds } from "../engine/probe";
import { type BuiltFile, PageCache } from "./page-cache";

// The service worker: a second visit needs no network, and any static host gives a
// cross-origin isolated page. The build puts the list of files in.

declare const __BUILD__: string;
declare const __FILES__: BuiltFile[];

interface Extendable extends Event {
  waitUntil(task: Promise<unknown>): void;
}
interface WorkerScope {
  registration: ServiceWorkerRegistration;
  caches: CacheStorage;
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  addEventListener(
    type: "fetch",
    listener: (event: Extendable & { request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}
const scope = globalThis as unknown as WorkerScope;

const cache = new PageCache({
  scope: scope.registration.scope,
  build: __BUILD__,
  files: __FILES__,
  runnable: runnableBuilds((module) => WebAssembly.validate(module)),
  caches: scope.caches,
  fetch: (request) => fetch(request),
});

// A new version waits until the page says so, or until no tab shows the old one.
scope.addEventListener("install", (event) => event.waitUntil(cache.install()));
scope.addEventListener("activate", (event) => event.waitUntil(cache.activate()));
scope.addEventListener("message", ({ data }) => {
  if (data === "take over") void scope.skipWaiting();
});
scope.addEventListener("fetch", (event) => {
  if (cache.covers(event.request)) event.respondWith(cache.respond(event.request));
});
