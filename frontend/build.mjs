// Builds what the pages load: one script (charts and review have their own), one style sheet, and the icons that templates name. Nothing is fetched at run time.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packageRoot = join(here, "..", "lantian");
const out = join(packageRoot, "web", "static", "dist");

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      if (!["node_modules", "dist", "__pycache__"].includes(name)) yield* files(path);
    } else if (/\.(html|py)$/.test(name)) yield path;
  }
}

function iconNames() {
  const names = new Set();
  for (const path of files(packageRoot)) {
    const text = readFileSync(path, "utf8");
    for (const match of text.matchAll(/\{%\s*icon\s+"([a-z0-9-]+)"/g)) names.add(match[1]);
    if (/navigation\.py$/.test(path)) for (const match of text.matchAll(/,\s*"([a-z0-9-]+)"\),/g)) names.add(match[1]);
  }
  return [...names].sort();
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "icons"), { recursive: true });
await build({
  entryPoints: { app: join(here, "src", "app.js"), style: join(here, "src", "style.css"), review: join(here, "src", "review.js"), charts: join(here, "src", "charts.js") },
  outdir: out,
  bundle: true,
  minify: true,
  target: ["es2020"],
  loader: { ".svg": "dataurl", ".woff2": "file" },
  logLevel: "warning",
});
const missing = [];
for (const name of iconNames()) {
  const source = join(here, "node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`);
  if (existsSync(source)) copyFileSync(source, join(out, "icons", `${name}.svg`));
  else missing.push(name);
}
if (missing.length) {
  console.error(`icons that the icon set does not have: ${missing.join(", ")}`);
  process.exit(1);
}
