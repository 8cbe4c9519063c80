// What the page shows in a real browser: the figures of procline-show, of all kinds of files, of a day and of a week.
//
//     PAGE=index.html node --test tests/page/page.test.mjs
//
// PAGE is the built page. CHROMIUM names the browser, /usr/bin/chromium by default; SHOW names procline-show.

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { cells, figures, show } from "./figures.mjs";
import { LOG, UNTIL, behaviour, contents, eventfulDay, here, inParts, together, work } from "./harness.mjs";
import { lighttpd } from "./servers.mjs";

/** Records of an hour, and of a day, that are five minutes apart. */
const HOUR = 12;
const EACH = 24 * HOUR;
const LISTED = { isListed: true };
let lines;

before(() => {
    lines = eventfulDay();
});

const near = (one, other) => Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one), Math.abs(other));

/** Holds the values of a column, the newest first, and what is said of all. */
function compare(name, shown, values) {
    const known = values.filter((value) => value !== null);
    const sums = {
        least: Math.min(...known),
        mean: known.reduce((one, other) => one + other, 0) / known.length,
        most: Math.max(...known),
    };
    for (const [sum, value] of Object.entries(sums))
        assert.ok(near(shown[sum], value), `${name}: ${sum} ${shown[sum]}, not ${value}`);
    assert.equal(shown.last.length, values.length);
    for (const [at, value] of [...values].reverse().entries()) {
        const isSame = value === null ? shown.last[at] === null : near(shown.last[at], value);
        assert.ok(isSame, `${name}, ${at} from the end: ${shown.last[at]}, not ${value}`);
    }
}

/** A line of a record that was made ten minutes earlier. */
function earlier(line) {
    const record = JSON.parse(line.slice(line.indexOf("{")));
    record.timestamp -= 600;
    const local = new Date(Date.parse(`${record.time.slice(0, 19)}Z`) - 600_000).toISOString();
    record.time = local.slice(0, 19) + record.time.slice(19);
    return `${record.timestamp} - ${JSON.stringify(record)}\n`;
}

/** Whether the first plot has the colour of a restart's mark. */
async function isMarked(page) {
    await page.waitForSelector("canvas");
    return page.evaluate(() => {
        const { width, height } = document.querySelector("canvas");
        const pixels = document.querySelector("canvas").getContext("2d").getImageData(0, 0, width, height).data;
        const mark = getComputedStyle(document.documentElement).getPropertyValue("--mark").trim();
        const [red, green, blue] = [1, 3, 5].map((at) => parseInt(mark.slice(at, at + 2), 16));
        return pixels.some(
            (byte, at) => at % 4 === 0 && byte === red && pixels[at + 1] === green && pixels[at + 2] === blue,
        );
    });
}

together("figures", () => {
    behaviour(
        "the figures are those of procline-show, at a gap, a restart and a new interface, too",
        async ({ served, visit }) => {
            // As many records as a table has: a new interface, 140 minutes without a record, and a restart.
            const part = [...lines.slice(270, 330), ...lines.slice(470, 490), ...lines.slice(490, 510).map(earlier)];
            const log = join(work, "part.log");
            writeFileSync(log, part.join(""));
            const server = await served(lighttpd, { [LOG]: part.join("") }, LISTED);
            const { page, records, tables, hasNoTrouble } = await visit(server.url);
            await records(part.length);
            assert.ok(await isMarked(page), "the restart has a mark");
            const seen = await tables();
            const column = (title, name) => seen[title]?.[name] ?? assert.fail(`${title}: ${name} is missing`);
            const expected = figures(log);
            for (const [title, columns] of Object.entries(expected))
                for (const [name, values] of Object.entries(columns))
                    compare(`${title}, ${name}`, column(title, name), values);
            const without = (title) => expected[title].down.filter((value) => value === null).length;
            assert.equal(without("Network eth0"), 3, "first, gap, restart");
            assert.equal(without("Network wan"), 4, "and anew");
            for (const [title, name, written] of cells(log)) {
                assert.equal(written.length, part.length);
                for (const [at, { text, least, most, isBehindGap }] of written.entries()) {
                    const value = column(title, name).last.at(-1 - at);
                    if (value === null && isBehindGap) continue;
                    // procline-show divides by the time of the records, which the clock tells, the page by that since the boot.
                    const slack = 1e-4 * value;
                    const isSame = value === null ? text === "-" : least - slack <= value && value <= most + slack;
                    assert.ok(isSame, `${title}, ${name}, ${at}: ${value}, not ${text}`);
                }
            }
            const { loadavg, flash } = JSON.parse(part.at(-1).slice(part[0].indexOf(" - {") + 3));
            assert.equal(column("Processes", "all").last[0], Number(loadavg.total_procs));
            assert.equal(
                seen["Flash: most erasures of a block"][Object.keys(flash)[0]].last[0],
                Object.values(flash)[0].max_ec,
            );
            hasNoTrouble();
        },
    );

    behaviour("older parts, compressed ones and text that moves are one day", async ({ served, visit }) => {
        const seen = [];
        for (const files of [inParts(), { [LOG]: lines.join("") }]) {
            const server = await served(lighttpd, files, LISTED);
            const { records, status, tables, hasNoTrouble } = await visit(server.url);
            await records(lines.length);
            seen.push(await tables());
            assert.ok(!(await status()).includes("skipped"), await status());
            hasNoTrouble();
        }
        assert.deepEqual(seen[0], seen[1]);
    });

    behaviour("days can be picked, and the last week", async ({ served, visit }) => {
        const folder = join(work, "week");
        execFileSync(here("logs.py"), [
            "days",
            folder,
            "--days",
            "8",
            "--interval",
            "300",
            "--until",
            UNTIL - 23 * 3600,
        ]);
        const server = await served(lighttpd, contents(folder), { isListed: true });
        const { page, records, tables, hasNoTrouble } = await visit(server.url);
        await records(HOUR);
        await page.waitForSelector("#day option + option", { state: "attached" });
        assert.deepEqual(
            await page.locator("#day option").allTextContents(),
            ["26", "25", "24", "23", "22", "21", "20", "19"].map((day) => `2026-11-${day}`).concat("last 7 days"),
        );
        await page.keyboard.press("[");
        await records(EACH);
        assert.ok(await page.locator("#later").isEnabled());
        await page.selectOption("#day", "2026-11-19");
        await records(EACH);
        await page.waitForFunction(() => document.getElementById("earlier").disabled);
        await page.selectOption("#day", "last 7 days");
        await records(6 * EACH + HOUR);
        await page.waitForFunction(() => document.getElementById("progress").hidden);
        const { down } = (await tables())["Network eth0"];
        const [, ...seven] = Object.keys(contents(folder)).map((name) => join(folder, name));
        const [, ...rows] = show("--csv", "--columns", "net:eth0", ...seven)
            .trimEnd()
            .split("\n")
            .map((row) => row.split(","));
        const expected = rows.slice(1).map(([, time, bytes], at) => (8 * (bytes - rows[at][2])) / (time - rows[at][1]));
        // What is thinned out for the eye is not for the table, and no rate is missing at midnight.
        assert.equal(expected.length, 6 * EACH + HOUR - 1);
        assert.ok(near(down.mean, expected.reduce((one, other) => one + other) / expected.length));
        assert.ok(near(down.most, Math.max(...expected)));
        hasNoTrouble();
    });
});
