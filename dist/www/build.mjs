// Makes the page one file: index.html with the styles and the script, uPlot among it, in it.
//
//     node build.mjs FILE

import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

/** Bytes that the page, and the page compressed, may have. */
const MOST = 90 * 1024;
const MOST_COMPRESSED = 32 * 1024;

const LICENCE = "/* with uPlot, (c) Leon Sorokin, MIT licence: github.com/leeoniya/uPlot */";

// What of uPlot is not used here becomes dead code, and a quarter of it goes: dates, the legend, logarithmic scales, paths.
const UNUSED = [
    [/let isTime = .*;/g, "const isTime = false;"],
    [/const _time(Axis|Series)\w+ += .*;/g, ""],
    [/const \[ timeIncrs.*;/g, ""],
    ["const showLegend = legend.show;", "const showLegend = false;"],
    [/(\w+\.)+distr (== [234]|>= 3)/g, "false"],
    [/\nuPlot\.assign = [^]*?\nexport/, "\nexport"],
];

const lessOfUplot = {
    name: "less of uPlot",
    setup: ({ onLoad }) =>
        onLoad({ filter: /uPlot\.esm\.js$/ }, ({ path }) => {
            const contents = UNUSED.reduce(
                (text, [from, to]) => {
                    const less = text.replace(from, to);
                    if (less === text) throw new Error(`uPlot has no ${from} any more`);
                    return less;
                },
                readFileSync(path, "utf8"),
            );
            return { contents };
        }),
};

const here = (name) => new URL(name, import.meta.url).pathname;
const [file] = process.argv.slice(2);

const built = await build({
    entryPoints: [here("src/page.js"), here("page.css")],
    outdir: "/",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    charset: "utf8",
    target: ["chrome110", "firefox113", "safari16.4"],
    legalComments: "none",
    plugins: [lessOfUplot],
});
const text = (ending) => built.outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
const { code } = await minify(text(".js"), {
    module: true,
    compress: { passes: 3, unsafe: true },
    format: { ascii_only: false },
});

const page = readFileSync(here("index.html"), "utf8")
    .replace(/<!--.*?-->\n/gs, "")
    .replace(/>\n</g, "><")
    .replace("<style></style>", () => `<style>${text(".css")}</style>`)
    // A closing tag within the script would end it.
    .replace('<script type="module">', (tag) => `${tag}${LICENCE}${code.replace(/<\/script/gi, "<\\/script")}`);

const compressed = gzipSync(page, { level: 9 }).length;
const bytes = Buffer.byteLength(page);
console.log(`the page has ${bytes} bytes, ${compressed} compressed`);
if (bytes > MOST || compressed > MOST_COMPRESSED) throw new Error(`at most ${MOST} and ${MOST_COMPRESSED} are allowed`);
writeFileSync(file, page);
