// What the page does in a real browser, from real web servers.
//
//     PAGE=index.html node --test tests/page/page.test.mjs
//
// PAGE is the built page. CHROMIUM names the browser, /usr/bin/chromium by default.

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { appendFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { gunzipSync } from "node:zlib";
import { DAY, LOG, UNTIL, behaviour, contents, eventfulDay, here, work } from "./harness.mjs";
import { busybox, lighttpd, uhttpd } from "./servers.mjs";

const HOUR = 60;
/** What a server sends behind the length that it told. */
const SURPLUS = Buffer.from(`${"x".repeat(5000)}\n`);
let lines;

before(() => {
    lines = eventfulDay();
});

const near = (one, other) => Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one), Math.abs(other));

/** Holds all tables to the second reading. */
function compare(tables, expected) {
    for (const [title, columns] of Object.entries(expected.tables)) {
        for (const [column, values] of Object.entries(columns)) {
            const shown = tables[title]?.[column];
            assert.ok(shown, `${title}: ${column} is missing`);
            const known = values.filter((value) => value !== null);
            const last = values.slice(-100).reverse();
            const sums = {
                least: Math.min(...known),
                mean: known.reduce((one, other) => one + other, 0) / known.length,
                most: Math.max(...known),
            };
            for (const [name, value] of Object.entries(sums))
                assert.ok(near(shown[name], value), `${title}, ${column}: ${name} ${shown[name]}, not ${value}`);
            assert.equal(shown.last.length, last.length);
            for (const [at, value] of last.entries()) {
                const isSame = value === null ? shown.last[at] === null : near(shown.last[at], value);
                assert.ok(isSame, `${title}, ${column}, ${at} from the end: ${shown.last[at]}, not ${value}`);
            }
        }
    }
}

const reading = (file) => JSON.parse(execFileSync(here("reading.py"), [file], { maxBuffer: 1e9 }));

behaviour("the figures are those of a second reading", async ({ served, visit }) => {
    const server = await served(lighttpd, { [LOG]: lines.join("") }, { isListed: true });
    const { records, tables, hasNoTrouble } = await visit(server.url);
    await records(lines.length);
    compare(await tables(), reading(join(work, "day", LOG)));
    hasNoTrouble();
});

behaviour("a restart, a gap and a new interface are no spikes", async ({ served, visit }) => {
    const part = lines.slice(290, 560);
    writeFileSync(join(work, "part.log"), part.join(""));
    const expected = reading(join(work, "part.log"));
    const server = await served(lighttpd, { [LOG]: part.join("") }, { isListed: true });
    const { records, tables, hasNoTrouble } = await visit(server.url);
    await records(part.length);
    compare(await tables(), expected);
    assert.equal(
        expected.tables["Network wan"].down.filter((value) => value === null).length,
        3,
        "first, restart, anew",
    );
    assert.equal(expected.tables["Network eth0"].down.filter((value) => value === null).length, 2);
    hasNoTrouble();
});

/** The day in all the kinds of files that there can be of it, by name. */
function inParts() {
    const folder = join(work, "parts");
    execFileSync(here("logs.py"), ["parts", join(work, "day", LOG), folder]);
    return contents(folder);
}

behaviour("older parts, compressed ones and text that moves are one day", async ({ served, visit }) => {
    const files = inParts();
    const server = await served(lighttpd, files, { isListed: true });
    const { records, status, tables, hasNoTrouble } = await visit(server.url);
    await records(lines.length);
    compare(await tables(), reading(join(work, "day", LOG)));
    assert.ok(!(await status()).includes("skipped"), await status());
    hasNoTrouble();
});

behaviour("a server that lists nothing is asked for the names", async ({ served, visit }) => {
    const files = inParts();
    const [moving] = Object.keys(files).filter((name) => /gz@\d+$/.test(name));
    delete files[moving];
    // busybox httpd has no list, and sends x.gz for x where a browser takes that.
    const server = await served(busybox, files);
    const { page, count, hasNoTrouble } = await visit(`${server.url}?day=${DAY}`, { asks: true });
    await page.waitForSelector("#day option + option", { state: "attached" });
    // What was moving had three whole members.
    const copied = lines
        .slice(400)
        .join("")
        .slice(0, 3 * 65280)
        .match(/\n/g).length;
    assert.equal(await count(), lines.length - 100 + copied);
    hasNoTrouble();
});

behaviour("days can be picked, and the last week", async ({ served, visit }) => {
    const folder = join(work, "week");
    execFileSync(here("logs.py"), ["days", folder, "--days", "8", "--until", UNTIL - 23 * 3600]);
    const server = await served(lighttpd, contents(folder), { isListed: true });
    const { page, records, tables, hasNoTrouble } = await visit(server.url);
    await records(HOUR);
    await page.waitForSelector("#day option + option", { state: "attached" });
    assert.deepEqual(
        await page.locator("#day option").allTextContents(),
        ["26", "25", "24", "23", "22", "21", "20", "19"].map((day) => `2026-11-${day}`).concat("last 7 days"),
    );
    await page.keyboard.press("[");
    await records(1440);
    assert.ok(await page.locator("#later").isEnabled());
    await page.selectOption("#day", "2026-11-19");
    await records(1440);
    await page.waitForFunction(() => document.getElementById("earlier").disabled);
    await page.selectOption("#day", "last 7 days");
    await records(6 * 1440 + HOUR);
    await page.waitForFunction(() => document.getElementById("progress").hidden);
    const { down } = (await tables())["Network eth0"];
    const [, ...seven] = Object.entries(contents(folder)).map(([name, content]) =>
        name.endsWith("gz") ? gunzipSync(content) : content,
    );
    writeFileSync(join(work, "all.log"), Buffer.concat(seven));
    const expected = reading(join(work, "all.log")).tables["Network eth0"].down.slice(1);
    // What is thinned out for the eye is not for the table, and no rate is missing at midnight.
    assert.ok(near(down.mean, expected.reduce((one, other) => one + other) / expected.length));
    assert.ok(near(down.most, Math.max(...expected)));
    hasNoTrouble();
});

for (const [name, serve, options] of [
    ["busybox httpd", busybox, { asks: true }],
    ["lighttpd", lighttpd, { isListed: true, asks: true }],
    ["lighttpd without a list", lighttpd, { logsBeside: true, asks: true }],
    ["a server like uhttpd", uhttpd, {}],
    ["a server like uhttpd that sends too much", uhttpd, { surplus: SURPLUS, asks: true, isGarbled: true }],
    ["a server like uhttpd without the script", uhttpd, { hasScript: false, asks: true }],
]) {
    behaviour(`records appear while the page is open: ${name}`, async ({ served, visit }) => {
        const now = Math.floor(Date.now() / 1000);
        const made = execFileSync(here("logs.py"), ["seconds", now - 20, 20], { encoding: "utf8" }).match(/.*\n/g);
        const [, today] = /"time":"([^T]*)/.exec(made[0]);
        const log = `awesome_monitoring_${today}.log`;
        const server = await served(serve, { [log]: made.slice(0, 10).join("") }, options);
        const path = join(server.logs, log);
        const seen = await visit(server.url, { asks: options.asks, isGarbled: options.isGarbled });
        await seen.records(10);
        let count = 10;
        const appended = async (text, more) => {
            appendFileSync(path, text);
            count += more;
            const start = Date.now();
            await seen.records(count);
            return Date.now() - start;
        };
        for (let record = 10; record < 13; record += 1) {
            const waited = await appended(made[record], 1);
            assert.ok(waited < 4000, `shown after ${waited} ms`);
        }
        // A torn line is waited for.
        appendFileSync(path, made[13].slice(0, 1000));
        await seen.page.waitForTimeout(1500);
        assert.equal(await seen.count(), count);
        await appended(made[13].slice(1000), 1);
        // The log becomes an older part, and goes on in a new one.
        appendFileSync(path, made[14]);
        renameSync(path, `${path}.1`);
        await appended(made[15], 2);
        // A torn end that is taken back, and another record in its place.
        const size = statSync(path).size;
        appendFileSync(path, made[16].slice(0, 700));
        await seen.page.waitForTimeout(1200);
        truncateSync(path, size);
        await appended(made[17], 1);
        assert.ok(!(await seen.status()).includes("skipped"), await seen.status());
        if (options.hasScript !== false && serve === uhttpd) {
            const asked = server.requests.slice(-3);
            assert.ok(
                asked.some((request) => request.startsWith("GET /cgi-bin/procline-lines?since=")),
                asked.join("\n"),
            );
        }
        seen.hasNoTrouble();
    });
}

behaviour("the page goes on with the next day, whose first record has its rates", async ({ served, visit }) => {
    // The last midnight at the router's.
    const midnight = Math.floor((Date.now() / 1000 + 3600) / 86400) * 86400 - 3600;
    const made = execFileSync(here("logs.py"), ["seconds", midnight - 10, 8], { encoding: "utf8" }).match(/.*\n/g);
    const nameOf = (line) => `awesome_monitoring_${/"time":"([^T]*)/.exec(line)[1]}.log`;
    assert.notEqual(nameOf(made[4]), nameOf(made[5]));
    const server = await served(lighttpd, { [nameOf(made[4])]: made.slice(0, 5).join("") }, { isListed: true });
    const { page, records, tables, hasNoTrouble } = await visit(server.url, { asks: true });
    await records(5);
    writeFileSync(join(server.logs, nameOf(made[5])), made.slice(5).join(""));
    await records(3);
    assert.ok((await tables()).CPU.user.last.every((value) => value > 0));
    assert.equal(await page.inputValue("#day"), /\d+-\d+-\d+/.exec(nameOf(made[5]))[0]);
    hasNoTrouble();
});
