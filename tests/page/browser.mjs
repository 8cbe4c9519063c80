// Debian's chromium without a window, and what the tests ask a page of it.

import { strict as assert } from "node:assert";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../dist/www/package.json", import.meta.url))("playwright-core");

/** All panels are drawn only where all are in sight. */
const TALL = { width: 1280, height: 6000 };

export function launch() {
    // The sandbox needs a user other than root.
    const args = ["--no-sandbox", "--enable-precise-memory-info"];
    return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}

/** What a browser writes of each log that is asked for and is not there, or is not as long; nothing can keep it from that. */
const NOT_THERE = /^Failed to load resource: the server responded with a status of 4(04|16)/;
const LOG = /\.log(\.\d+)?(\.gz)?$/;

/**
 * A page, and what went wrong in it.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {object} options
 * @param {number} [options.now] the viewer's time, in seconds since 1970
 * @param {number} [options.missing] how many logs that are not there may be asked for
 * @param {boolean} [options.isGarbled] whether an answer may begin with what the server sent too much of the one before
 */
export async function visit(browser, url, { now, missing = 0, isGarbled = false, viewport = TALL, ...context } = {}) {
    const page = await (await browser.newContext({ viewport, timezoneId: "America/New_York", ...context })).newPage();
    if (now) await page.clock.setFixedTime(1000 * now);
    const troubles = [];
    const asked = [];
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("console", (message) => {
        if (!["error", "warning"].includes(message.type())) return;
        const { url } = message.location();
        const isRest = isGarbled && message.text().includes("ERR_INVALID_HTTP_RESPONSE");
        if (NOT_THERE.test(message.text()) && LOG.test(url)) asked.push(url.replace(/.*\//, ""));
        else if (!isRest) troubles.push(`${message.text()} ${url}`);
    });
    await page.goto(url);
    const told = (text) =>
        page.waitForFunction((text) => document.getElementById("status").textContent.includes(text), text, {
            polling: 50,
        });
    return {
        page,
        /** Waits until this is told below the title. */
        told,
        /** Waits until so many records are told of. */
        records: (count) => told(` ${count.toLocaleString("en")} records`),
        /** The number of records, as told. */
        count: async () =>
            Number(/([\d,]+) records/.exec(await page.textContent("#status"))?.[1].replace(",", "") ?? 0),
        status: () => page.textContent("#status"),
        tables: () => tables(page),
        /** The names that were asked for and are not there. */
        asked,
        /** Fails if the console has anything else, or too many of them. */
        hasNoTrouble: () => {
            assert.deepEqual(troubles, []);
            assert.ok(asked.length <= missing, `not there: ${asked.join(" ")}`);
        },
    };
}

/** The numbers of all tables: by title and column, those of the summary and those of the records, the newest first. */
async function tables(page) {
    await page.waitForSelector("#day option + option", { state: "attached" });
    if ((await page.getAttribute("#table", "aria-pressed")) !== "true") await page.click("#table");
    await page.waitForFunction(
        () => document.querySelectorAll("table").length === document.querySelectorAll(".panel").length,
    );
    return page.evaluate(() => {
        const found = {};
        for (const panel of document.querySelectorAll(".panel")) {
            const columns = Array.from(
                panel.querySelectorAll("thead th:not(:first-child)"),
                (cell) => cell.textContent,
            );
            const rows = (part) =>
                Array.from(panel.querySelectorAll(`${part} tr`), (row) =>
                    Array.from(row.querySelectorAll("data"), (data) =>
                        data.getAttribute("value") === "" ? null : Number(data.value),
                    ),
                );
            const [summary, records] = [rows(".summary"), rows("tbody:not(.summary)")];
            found[panel.getAttribute("aria-label")] = Object.fromEntries(
                columns.map((column, at) => [
                    column,
                    {
                        least: summary[0][at],
                        mean: summary[1][at],
                        most: summary[2][at],
                        last: records.map((row) => row[at]),
                    },
                ]),
            );
        }
        return found;
    });
}
