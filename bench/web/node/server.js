import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const repository = join(import.meta.dirname, "../../..");
const built = join(repository, "site/dist");

/**
 * The path of the built page's leader worker, which its own script names with a hash.
 * @returns {string}
 */
export function builtLeader() {
  const assets = join(built, "assets");
  const leaders = existsSync(assets) ? readdirSync(assets).filter((name) => /^leader-.*\.js$/.test(name)) : [];
  for (const file of ["engine/engine.json", "weights/mnist-2d.safetensors"]) {
    if (!existsSync(join(built, file))) throw new Error(`site/dist/${file} is missing: run make site first`);
  }
  if (leaders.length !== 1) {
    throw new Error(`site/dist/assets holds ${leaders.length} leader-*.js, want one: run make site first`);
  }
  return `/assets/${leaders[0]}`;
}

/**
 * Serves site/dist by `tools serve`, on a free port.
 * @returns {Promise<{ url: string, stop: () => void }>}
 */
export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), "vaelab-bench-"));
  const program = join(folder, "tools");
  const env = { ...process.env, GOTOOLCHAIN: "go1.27.4", GOEXPERIMENT: "simd" };
  try {
    // Built, not `go run`: that would leave the server behind when it is told to stop.
    await promisify(execFile)("go", ["build", "-o", program, "./tools"], { cwd: repository, env });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const server = spawn(program, ["serve", "--addr", "127.0.0.1:0"], { cwd: repository, env });
  const stop = () => {
    server.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (/** @type {Buffer} */ text) => {
      said += text;
      const address = /http:\/\/\S+\//.exec(said)?.[0];
      if (address) resolve({ url: address, stop });
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
    server.on("exit", (code) => {
      stop();
      reject(new Error(`tools serve ended with ${code}: ${said}`));
    });
  });
}
