import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const { version } = JSON.parse(readFileSync("node_modules/@jax-js/jax/package.json", "utf8"));

// Two scripts that the benchmark puts into pages of its own.
export default defineConfig({
  base: "./",
  define: { __JAX_VERSION__: JSON.stringify(version) },
  worker: { format: "es" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    minify: false, // the threads of TF.js run the text of a function, which must keep its names
    chunkSizeWarningLimit: 4000,
    rollupOptions: {
      input: { engine: "pages/engine.ts", peers: "pages/peers.ts" },
      output: { entryFileNames: "[name].js" },
    },
  },
});
