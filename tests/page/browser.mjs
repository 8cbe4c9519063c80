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

/**
 * What a browser writes of each question for a file that is not there, or is not as long; nothing can keep it from that. The
 * page asks for logs, and for the script.
 */
const NOT_THERE = /^Failed to load resource: the server responded with a status of 4(04|16)/;
const ASKED = /\.log(\.\d+)?(\.gz)?$|\/cgi-bin\/procline-lines\?since=\d+$/;

/**
 * A page, and what went wrong in it.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {object} options
 * @param {boolean} [options.asks] whether logs that are not there may be asked for
 * @param {boolean} [options.isGarbled] whether an answer may begin with what the server sent too much of the one before
 */
export async function visit(browser, url, { asks = false, isGarbled = false, viewport = TALL, ...context } = {}) {
    const page = await (await browser.newContext({ viewport, timezoneId: "America/New_York", ...context })).newPage();
    const troubles = [];
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("console", (message) => {
        if (!["error", "warning"].includes(message.type())) return;
        const isAsked = asks && NOT_THERE.test(message.text()) && ASKED.test(message.location().url);
        const isRest = isGarbled && message.text().includes("ERR_INVALID_HTTP_RESPONSE");
        if (!isAsked && !isRest) troubles.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(url);
    return {
        page,
        /** Waits until so many records are told of. */
        records: (count) =>
            page.waitForFunction(
                (text) => document.getElementById("status").textContent.includes(text),
                ` ${count.toLocaleString("en")} records`,
                { polling: 50 },
            ),
        /** The number of records, as told. */
        count: async () =>
            Number(/([\d,]+) records/.exec(await page.textContent("#status"))?.[1].replace(",", "") ?? 0),
        status: () => page.textContent("#status"),
        tables: () => tables(page),
        /** Fails if the console has anything. */
        hasNoTrouble: () => assert.deepEqual(troubles, []),
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
