// What the tests share: a folder, a browser, and sites that are closed when a test ends.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, visit } from "./browser.mjs";
import { busybox, site, uhttpd } from "./servers.mjs";

/** The built page. */
const PAGE = process.env.PAGE;

/** A file beside the tests. */
export const here = (name) => new URL(name, import.meta.url).pathname;

/** A minute before midnight at the router's, and that day's log. */
export const UNTIL = 1_795_733_940;
export const DAY = "2026-11-26";
export const LOG = `awesome_monitoring_${DAY}.log`;

export const work = mkdtempSync(join(tmpdir(), "procline-page-"));
let browser;

before(async () => {
    browser = await launch();
});

after(async () => {
    await browser?.close();
    rmSync(work, { recursive: true });
});

/** Makes a log of LOG's day with a restart, gaps and an interface made anew. @returns {string[]} its lines */
export function eventfulDay() {
    execFileSync(here("logs.py"), ["days", join(work, "day"), "--days", "1", "--until", UNTIL, "--events"]);
    return readFileSync(join(work, "day", LOG), "utf8").match(/.*\n/g);
}

/** That day in all the kinds of files that there can be of it, by name. */
export function inParts() {
    const folder = join(work, "parts");
    execFileSync(here("logs.py"), ["parts", join(work, "day", LOG), folder]);
    return contents(folder);
}

/** The files of a folder by name. */
export const contents = (folder) =>
    Object.fromEntries(
        readdirSync(folder)
            .sort()
            .map((name) => [name, readFileSync(join(folder, name))]),
    );

/** Tests that are run some at a time: most wait for a page. */
export const together = (name, define) => describe(name, { concurrency: 8 }, define);

/** Tests one behaviour; what was opened for it is closed, however it ends. */
export function behaviour(name, run) {
    test(name, { timeout: 120_000 }, async (context) => {
        await run({
            served: (...words) => opened(served(...words), context, (server) => server.stop()),
            visit: (...words) => opened(visit(browser, ...words), context, ({ page }) => page.context().close()),
        });
    });
}

async function opened(promise, context, close) {
    const thing = await promise;
    context.after(() => close(thing));
    return thing;
}

/** A site with these files, and its server. */
async function served(serve, files, options = {}) {
    const folder = join(work, `site-${Math.random().toString(36).slice(2)}`);
    const logsBeside = serve === busybox && !options.isPackaged;
    const logs = site(folder, PAGE, { logsBeside, isPackaged: serve === uhttpd, ...options });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(logs, name), content);
    return { logs, ...(await serve(folder, options)) };
}
