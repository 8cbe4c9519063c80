// What the page costs: the time to the first plot, each redraw, and the memory of the tab.

import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { UNTIL, behaviour, contents, here, work } from "./harness.mjs";
import { lighttpd } from "./servers.mjs";

// What is asked for holds on a machine that does nothing else (PAGE_ALONE=1); on one that is shared, five times as much.
const SHARED = process.env.PAGE_ALONE ? 1 : 5;
const FIRST_PLOT = 1000 * SHARED;
const REDRAW = 50 * SHARED;
const MEGABYTES = 150;
const TRIES = 3;
const LISTED = { isListed: true };
const SCREEN = { viewport: { width: 1280, height: 900 } };

/** A week of minutes, of which four days are plain. */
let week;

before(() => {
    const folder = join(work, "week");
    execFileSync(here("logs.py"), ["days", folder, "--until", UNTIL]);
    week = contents(folder);
});

behaviour("a day is plotted within a second, and each redraw is short", async ({ served, visit }) => {
    const server = await served(lighttpd, week, LISTED);
    const waited = [];
    let seen;
    for (let tries = 0; tries < TRIES; tries += 1) {
        seen = await visit(server.url, SCREEN);
        await seen.page.waitForSelector("canvas");
        // Since the page was asked for, to when its first plot was drawn.
        waited.push(await seen.page.evaluate(() => performance.getEntriesByName("first plot")[0].startTime));
        await seen.page.waitForSelector("#day option + option", { state: "attached" });
    }
    console.log(
        `first plot of a day of ${(readFileSync(join(work, "week", "awesome_monitoring_2026-11-26.log")).length / 1e6).toFixed(1)} MB after ${waited.map(Math.round).join(", ")} ms`,
    );
    const { page, records, hasNoTrouble } = seen;
    await page.selectOption("#day", "week");
    await records(7 * 1440);
    await page.waitForTimeout(1000);
    const browser = page.context().browser();
    await browser.startTracing(page, { categories: ["toplevel"] });
    for (const key of ["+", "+", "ArrowLeft", "ArrowLeft", "-", "-", "+", "0"]) {
        await page.keyboard.press(key);
        await page.waitForTimeout(400);
    }
    // The CPU time of each task of the page's thread, with what the browser then does to paint.
    const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
    const threads = new Set(
        traceEvents
            .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
            .map(({ pid, tid }) => `${pid} ${tid}`),
    );
    const tasks = traceEvents
        .filter(({ pid, tid, tdur }) => tdur > 0 && threads.has(`${pid} ${tid}`))
        .map(({ tdur }) => tdur / 1000);
    console.log(
        `longest of ${tasks.length} tasks while a week of ${7 * 1440} records is zoomed: ${Math.max(...tasks).toFixed(1)} ms`,
    );
    hasNoTrouble();
    assert.ok(tasks.length > 100);
    assert.ok(Math.max(...tasks) < REDRAW);
    assert.ok(Math.min(...waited) < FIRST_PLOT);
});

/** Megabytes that the processes of this browser's tabs have for themselves. */
function memoryOf(profile) {
    const sizes = readdirSync("/proc")
        .filter(Number)
        .map((pid) => {
            try {
                const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
                if (!words.includes("--type=renderer") || !words.includes(profile)) return 0;
                return Number(/^Anonymous: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]) / 1024;
            } catch {
                return 0;
            }
        });
    return Math.max(...sizes);
}

const spread = (sizes) => (sizes.length < 6 ? Infinity : Math.max(...sizes) - Math.min(...sizes));

behaviour("a week takes little memory", async ({ served }) => {
    const server = await served(lighttpd, week, LISTED);
    // Not by the other tests' browser: who traces a page keeps all that it fetched.
    const profile = mkdtempSync(join(work, "profile-"));
    const words = [
        "--headless=new",
        "--no-sandbox",
        `--user-data-dir=${profile}`,
        "--window-size=1280,900",
        `${server.url}&day=week`,
    ];
    const child = spawn(process.env.CHROMIUM ?? "/usr/bin/chromium", words, { stdio: "ignore", detached: true });
    try {
        const sizes = [];
        // Until it has been the same for five seconds.
        for (let second = 0; second < 40 && !(sizes.at(-1) > 30 && spread(sizes.slice(-6)) < 1); second += 1) {
            await new Promise((resolve) => setTimeout(resolve, 1000));
            sizes.push(memoryOf(profile));
        }
        const [last, most] = [sizes.at(-1), Math.max(...sizes)].map(Math.round);
        console.log(
            `memory of the tab with a week: ${last} MB after ${sizes.length} s, at most ${most} MB while it was read`,
        );
        assert.ok(last > 30 && most < MEGABYTES);
    } finally {
        process.kill(-child.pid);
    }
});
