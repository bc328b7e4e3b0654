import { defineConfig, type Plugin } from "vite";
import { serviceWorker } from "./src/sw/build.ts";

// The policy that the built page carries itself, so that any static host serves
// it under the same rules as `tools serve`. Only the engine may compile wasm,
// and nothing may speak to another origin. The dev server needs inline styles
// for hot reloading, so there the policy is left out.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const contentSecurityPolicy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
};

export default defineConfig({
  base: "./", // any static host, any subfolder
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
  server: { fs: { allow: [".."] } }, // the Go source beside the page's formulas
  plugins: [contentSecurityPolicy, serviceWorker()],
});
