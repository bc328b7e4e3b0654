import { chooseBuild, readManifest } from "../engine/manifest";
import type { Build } from "../engine/probe";

// The page, the engine and the weights of one build, kept together: answers come from
// this cache first, the page's too, so that files of two builds never meet. MNIST is not
// in it: the engine keeps that itself, and a new build does not fetch it again.

/** A file of the build, relative to the scope; "" is the page. */
export interface BuiltFile {
  path: string;
  integrity?: string; // left out of the page, which some hosts touch up
}

export interface PageCacheOptions {
  scope: string; // URL of the folder that the page is in
  build: string; // a name that differs for every build
  files: readonly BuiltFile[];
  /** The engine's builds that this browser runs, best first. */
  runnable: Build[];
  caches: CacheStorage;
  fetch: (request: Request) => Promise<Response>;
}

/** What makes a page cross-origin isolated, on hosts that do not send it themselves. */
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};
const engineBinary = /^engine\/.*\.wasm$/;
const manifestPath = "engine/engine.json";

export class PageCache {
  private readonly prefix: string;
  private readonly name: string;

  constructor(private readonly options: PageCacheOptions) {
    this.prefix = `vaelab-page ${new URL(options.scope).pathname} `;
    this.name = this.prefix + options.build;
  }

  /** Fetches everything, of the engine's builds only the one that will run; fails unless all of it is there. */
  async install(): Promise<void> {
    const cache = await this.options.caches.open(this.name);
    const { files, scope, runnable } = this.options;
    const others = files.filter(({ path }) => !engineBinary.test(path));
    await Promise.all(others.map((file) => this.add(cache, file)));
    const manifest = await cache.match(new URL(manifestPath, scope));
    if (!manifest) throw new Error(`${manifestPath} is not among the files of this build`);
    const { file } = chooseBuild(readManifest(await manifest.json(), manifestPath), runnable);
    const engine = files.find(({ path }) => path === `engine/${file}`);
    if (!engine) throw new Error(`engine/${file} is not among the files of this build`);
    await this.add(cache, engine);
  }

  /** Forgets older builds but the last: a tab that still shows it may want one of its files. */
  async activate(): Promise<void> {
    const { caches } = this.options;
    const older = (await caches.keys()).filter((name) => name.startsWith(this.prefix) && name !== this.name);
    await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
  }

  /** Whether a request is this worker's to answer. */
  covers(request: Request): boolean {
    return request.method === "GET" && request.url.startsWith(this.options.scope) && !request.headers.has("range");
  }

  async respond(request: Request): Promise<Response> {
    const kept = await this.find(request);
    return isolated(kept ?? (await this.options.fetch(request)));
  }

  private async find(request: Request): Promise<Response | undefined> {
    const { caches, scope } = this.options;
    const url = new URL(request.url);
    url.hash = url.search = "";
    const path = url.href.slice(scope.length);
    const address = path === "index.html" ? scope : url.href;
    const cache = await caches.open(this.name);
    const kept = await cache.match(address);
    // A name with a hash means the same in every build.
    if (kept || !path.startsWith("assets/")) return kept;
    return caches.match(address);
  }

  private async add(cache: Cache, { path, integrity }: BuiltFile): Promise<void> {
    const url = new URL(path, this.options.scope).href;
    // Asked for anew: what the browser has of before may be of another build.
    const request = new Request(url, { cache: "no-cache", ...(integrity && { integrity }) });
    const response = await this.options.fetch(request);
    if (!response.ok)
      throw new Error(`${path || "the page"} could not be fetched: the server answered ${response.status}`);
    await cache.put(url, plain(response));
  }
}

/** Without the marks of its way here: a redirected response may not answer a navigation, and the body is not packed any more. */
function plain(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

function isolated(response: Response): Response {
  // A redirect or an opaque answer is the browser's business.
  if (response.status === 0 || response.type === "opaqueredirect" || response.redirected) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolation)) headers.set(name, value);
  const body = [101, 204, 205, 304].includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}
