// Builds style, scripts, fonts and the icon sprite into dist/, named by their content, with a manifest that the server reads.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const dist = join(here, "dist");
const modules = join(here, "node_modules");
const manifest = { files: {}, icons: [] };

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

await styles("app");
await styles("map");
await scripts();
pictures();
icons();
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
pack();
report();

/** One stylesheet: sass first, then esbuild for size, fonts and pictures. */
async function styles(name) {
  const compiled = sass.compile(join(here, "scss", `${name}.scss`), {
    loadPaths: [modules, here],
    quietDeps: true,
    silenceDeprecations: ["import"],
  });
  // Leaflet's own pictures aren't used: its markers here are drawn by our style.
  const css = compiled.css.replace(/[^{}]*\{[^{}]*url\("?images\/[^{}]*\}/g, "");
  const result = await build({
    ...common(),
    entryNames: `${name}-[hash]`,
    stdin: { contents: css, loader: "css", resolveDir: here, sourcefile: `${name}.css` },
  });
  remember(result, (output) => (output.endsWith(".css") ? `${name}.css` : null));
}

/** The scripts: one for every page, one for pages with a map. */
async function scripts() {
  const result = await build({
    ...common(),
    entryPoints: { app: join(here, "js/app.js"), map: join(here, "js/map.js") },
    format: "esm",
    splitting: true,
  });
  remember(result, (output, entry) => (entry ? `${basename(entry, ".js")}.js` : null));
}

function common() {
  return {
    absWorkingDir: here,
    bundle: true,
    minify: true,
    legalComments: "none",
    target: ["es2020", "safari15", "chrome100", "firefox100"],
    outdir: dist,
    publicPath: "/assets",
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "file", ".png": "file" },
    metafile: true,
    logLevel: "warning",
    logOverride: { "unsupported-css-property": "silent" },
  };
}

function remember(result, nameOf) {
  for (const [output, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    const name = nameOf(output, entryPoint);
    if (name) manifest.files[name] = basename(output);
    const font = /^(atkinson-hyperlegible-next-latin-wght-normal)-\w+\.woff2$/.exec(basename(output));
    if (font) manifest.files["font.woff2"] = basename(output);
  }
}

/** Pictures that pages name themselves. */
function pictures() {
  const folder = join(here, "pictures");
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) keep(name, readFileSync(join(folder, name)));
}

/** One sprite of the icons that the templates, the code and the vocabulary name. */
function icons() {
  const wanted = new Map();
  for (const [folder, pattern] of [
    ["templates", /<icon name="([a-z0-9-]+)"/g],
    ["src", /icon\("([a-z0-9-]+)"\)/g],
    ["search-config/vocabulary", /^icon\s*=\s*"([a-z0-9-]+)"/gm],
  ]) {
    for (const path of filesBelow(join(root, folder))) {
      for (const [, name] of readFileSync(path, "utf8").matchAll(pattern)) wanted.set(name, relative(root, path));
    }
  }
  for (const name of ["map-pin", "x"]) wanted.set(name, "build.mjs");
  const symbols = [];
  for (const [name, from] of [...wanted].sort(([a], [b]) => a.localeCompare(b))) {
    const path = join(modules, "lucide-static/icons", `${name}.svg`);
    if (!existsSync(path)) {
      if (!from.endsWith(".toml")) throw new Error(`${from} names the icon "${name}", which lucide doesn't have`);
      console.warn(`${from}: no icon "${name}"; a pin is shown in its place`);
      continue;
    }
    const body = readFileSync(path, "utf8").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s*\n\s*/g, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`);
    manifest.icons.push(name);
  }
  keep("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

function keep(name, contents) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
  const file = name.replace(/(\.[a-z0-9]+)$/, `-${hash}$1`);
  writeFileSync(join(dist, file), contents);
  manifest.files[name] = file;
}

/** Text is packed once, as small as it gets, not at each request. */
function pack() {
  for (const name of readdirSync(dist).filter((name) => /\.(css|js|svg)$/.test(name))) {
    const whole = readFileSync(join(dist, name));
    const packed = brotliCompressSync(whole);
    if (packed.length < whole.length) writeFileSync(join(dist, `${name}.br`), packed);
  }
}

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

function report() {
  for (const name of readdirSync(dist).sort()) {
    console.log(`${String(statSync(join(dist, name)).size).padStart(8)}  ${name}`);
  }
}
