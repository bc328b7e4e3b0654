import { defineConfig } from "vitest/config";

export default defineConfig({
  server: { fs: { allow: [".."] } }, // the Go source beside the page's formulas
  test: { environment: "happy-dom", include: ["test/**/*.test.ts", "src/**/*.test.ts"] },
});
