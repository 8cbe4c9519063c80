// How the page finds the logs of real web servers and follows them, with as few questions as can be.
//
//     PAGE=index.html node --test tests/page/follow.test.mjs

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { appendFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { gzipSync } from "node:zlib";
import { DAY, LOG, UNTIL, behaviour, eventfulDay, here, inParts, together, work } from "./harness.mjs";
import { busybox, lighttpd, uhttpd } from "./servers.mjs";

const CGI = "/cgi-bin/procline-lines";
const BOARD = { isPackaged: true, cgi: "cgi-bin/procline-lines" };
/** What a server sends behind the length that it told. */
const SURPLUS = Buffer.from(`${"x".repeat(5000)}\n`);
/** What is out of sight is not drawn. */
const SMALL = { viewport: { width: 800, height: 400 } };
/** Noon of LOG's day, for a viewer in the router's zone. */
const NOON = { now: UNTIL - 12 * 3600, timezoneId: "Europe/Berlin" };
let [lines, tenth] = [];

before(() => {
    lines = eventfulDay();
    tenth = lines.filter((_, at) => at % 10 === 0);
});

const text = (start, end) => tenth.slice(start, end).join("");
const name = (day, ending = "") => `awesome_monitoring_${day}.log${ending}`;
const number = (text) => text.match(/\n/g).length;
/** So many records, two seconds apart. */
const seconds = (start, count) =>
    execFileSync(here("logs.py"), ["seconds", start, count], { encoding: "utf8" }).match(/.*\n/g);
const logOf = (line) => name(/"time":"([^T]*)/.exec(line)[1]);

/** What is there, how many of its records are shown, and the names that are asked for in vain. */
const FEW = {
    "a day": () => [{ [LOG]: text(0) }, 137, []],
    "the time since the start of the machine": () => [{ [LOG]: text(49) }, 88, [`${LOG}.gz`]],
    "a day that is compressed": () => [{ [`${LOG}.gz`]: gzipSync(text(0, 90)), [LOG]: text(90) }, 137, []],
    "what a limit has left of a day": () => [
        {
            [`${LOG}.14`]: text(60, 70),
            [`${LOG}.15`]: text(70, 80),
            [`${LOG}.16`]: text(80, 90),
            [LOG]: text(90),
        },
        77,
        [".gz", ".1", ".4", ".7", ".10", ".13", ".13", ".17"].map((ending) => LOG + ending),
    ],
    "what a limit has left of a day that is compressed": () => [
        {
            [`${LOG}.3.gz`]: gzipSync(text(60, 70)),
            [`${LOG}.4.gz`]: gzipSync(text(70, 80)),
            [`${LOG}.gz`]: gzipSync(text(80, 90)),
            [LOG]: text(90),
        },
        77,
        [".1.gz", ".2.gz", ".5.gz"].map((ending) => LOG + ending),
    ],
    // Today's are asked for again later, and ever more seldom.
    "the day before": () => [{ [name("2026-11-25")]: text(0, 9) }, 9, [LOG, name("2026-11-27"), LOG]],
    nothing: () => [
        {},
        0,
        [
            ...["2026-11-26", "2026-11-27", "2026-11-25"].map((day) => name(day)),
            name("2026-11-25", ".gz"),
            name("1970-01-01"),
            name("1970-01-01", ".gz"),
        ],
    ],
};

together("names", () => {
    for (const [what, make] of Object.entries(FEW)) {
        behaviour(`a server that lists nothing is asked for few names: ${what}`, async ({ served, visit }) => {
            const [files, count, missing] = make();
            // busybox httpd has no list, and sends x.gz for x where a browser takes that.
            const server = await served(busybox, files);
            const { page, records, asked, hasNoTrouble } = await visit(server.url, {
                ...NOON,
                missing: missing.length,
            });
            await page.waitForSelector("#day option + option", { state: "attached" });
            if (count) await records(count);
            else await page.waitForSelector("#empty:not([hidden])");
            while (asked.length < missing.length) await page.waitForTimeout(100);
            assert.deepEqual(asked.slice(0, missing.length), missing);
            hasNoTrouble();
        });
    }

    behaviour(
        "where nothing is listed any day can be picked, and a day without a log says so",
        async ({ served, visit }) => {
            const server = await served(busybox, { [LOG]: text(0), [name("2026-11-25", ".gz")]: gzipSync(text(0, 9)) });
            const { page, records, asked, hasNoTrouble } = await visit(server.url, { ...NOON, ...SMALL, missing: 3 });
            await page.waitForSelector("#day option + option", { state: "attached" });
            assert.equal(await page.locator("#day option").count(), 31 + 1);
            await page.keyboard.press("[");
            await records(9);
            await page.keyboard.press("[");
            await page.waitForSelector("#empty:not([hidden])");
            assert.deepEqual(asked, [name("2026-11-25"), name("2026-11-24"), name("2026-11-24", ".gz")]);
            hasNoTrouble();
        },
    );

    behaviour("the script tells the names, whatever they begin with", async ({ served, visit }) => {
        const renamed = Object.entries(inParts()).map(([name, content]) => [name.replace(/^\w+_/, "router_"), content]);
        const server = await served(busybox, Object.fromEntries(renamed), { ...BOARD, prefix: "router_" });
        const { page, records, hasNoTrouble } = await visit(server.url, { ...NOON, ...SMALL });
        await records(lines.length);
        await page.waitForSelector("#day option + option", { state: "attached" });
        assert.deepEqual(await page.locator("#day option").allTextContents(), [DAY, "last 7 days"]);
        assert.ok(await page.isVisible("#live"));
        hasNoTrouble();
    });

    behaviour("a server that sends the script and does not run it is asked for its list", async ({ served, visit }) => {
        const server = await served(lighttpd, inParts(), { ...BOARD, isListed: true });
        const { records, hasNoTrouble } = await visit(server.url, { ...NOON, ...SMALL });
        await records(lines.length);
        hasNoTrouble();
    });

    behaviour("where it is another day at the router's, the page goes there", async ({ served, visit }) => {
        const server = await served(busybox, { [LOG]: text(0), [name("2026-11-27")]: text(0, 9) });
        const { page, asked, hasNoTrouble } = await visit(server.url, {
            ...SMALL,
            now: UNTIL + 3600,
            timezoneId: "America/New_York",
        });
        await page.waitForFunction(() => document.getElementById("day").value === "2026-11-27");
        assert.deepEqual(asked, []);
        hasNoTrouble();
    });
});

/** Servers that list the logs, that have the script, and that have neither. */
const THREE = [
    ["lighttpd", lighttpd, { isListed: true }],
    ["a server like uhttpd", uhttpd, { cgi: CGI }],
    ["busybox httpd", busybox, { missing: 40 }],
];

together("following", () => {
    for (const [name, serve, options] of [
        ["busybox httpd", busybox, { missing: 20 }],
        ["busybox httpd with the script", busybox, { isPackaged: true, cgi: "cgi-bin/procline-lines", missing: 1 }],
        ["lighttpd", lighttpd, { isListed: true, away: 1200, missing: 4 }],
        ["lighttpd without a list", lighttpd, { logsBeside: true, missing: 20 }],
        ["a server like uhttpd", uhttpd, { cgi: CGI }],
        ["a server like uhttpd that sends too much", uhttpd, { cgi: CGI, surplus: SURPLUS, isGarbled: true }],
        ["a server like uhttpd without the script", uhttpd, { missing: 1 }],
    ]) {
        behaviour(`records appear while the page is open: ${name}`, async ({ served, visit }) => {
            const now = Math.floor(Date.now() / 1000);
            const made = seconds(now - 20, 20);
            const log = logOf(made[0]);
            const server = await served(serve, { [log]: made.slice(0, 10).join("") }, options);
            const path = join(server.logs, log);
            const seen = await visit(server.url, { ...SMALL, ...options });
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
            await seen.page.waitForTimeout(1200);
            assert.equal(await seen.count(), count);
            await appended(made[13].slice(1000), 1);
            // The log becomes an older part, and goes on in a new one.
            appendFileSync(path, made[14]);
            renameSync(path, `${path}.1`);
            await seen.page.waitForTimeout(options.away ?? 0);
            await appended(made[15], 2);
            // A torn end that is taken back, and another record in its place.
            const size = statSync(path).size;
            appendFileSync(path, made[16].slice(0, 700));
            await seen.page.waitForTimeout(1200);
            truncateSync(path, size);
            await appended(made[17], 1);
            assert.ok(!(await seen.status()).includes("skipped"), await seen.status());
            if (options.cgi === CGI) {
                const asked = server.requests.slice(-3);
                assert.ok(
                    asked.some((request) => request.startsWith("GET /cgi-bin/procline-lines?since=")),
                    asked.join("\n"),
                );
            }
            seen.hasNoTrouble();
        });
    }

    for (const [what, serve, options] of THREE) {
        behaviour(
            `the page goes on with the next day, whose first record has its rates: ${what}`,
            async ({ served, visit }) => {
                const made = seconds(UNTIL + 50, 8);
                assert.notEqual(logOf(made[4]), logOf(made[5]));
                const server = await served(serve, { [LOG]: made.slice(0, 5).join("") }, options);
                const now = { ...NOON, now: UNTIL + 70 };
                const { page, records, tables, hasNoTrouble } = await visit(server.url, {
                    ...now,
                    missing: options.missing,
                });
                await records(5);
                writeFileSync(join(server.logs, logOf(made[5])), made.slice(5).join(""));
                await records(3);
                assert.ok((await tables()).CPU.user.last.every((value) => value > 0));
                assert.equal(await page.inputValue("#day"), "2026-11-27");
                hasNoTrouble();
            },
        );

        behaviour(`a clock that was in 1970 until it was set: ${what}`, async ({ served, visit }) => {
            const unset = seconds(20, 5);
            const set = seconds(NOON.now, 7);
            const server = await served(serve, { [logOf(unset[0])]: unset.join("") }, options);
            const { page, records, told, tables, hasNoTrouble } = await visit(server.url, {
                ...NOON,
                missing: options.missing,
            });
            await records(5);
            assert.equal(await page.inputValue("#day"), "1970-01-01");
            writeFileSync(join(server.logs, LOG), set.slice(0, 6).join(""));
            await records(6);
            await page.waitForFunction((day) => document.getElementById("day").value === day, DAY);
            appendFileSync(join(server.logs, LOG), set[6]);
            await records(7);
            const isListed = !options.missing;
            const days = await page.locator("#day option").allTextContents();
            assert.equal(days.includes("1970-01-01"), isListed);
            await page.selectOption("#day", "week");
            if (isListed) await told("5 from before the clock was set");
            assert.equal((await tables()).Load["1 min"].last.length, 7);
            hasNoTrouble();
        });
    }

    behaviour("a day that does not come is asked for ever more seldom", async ({ served, visit }) => {
        const server = await served(busybox, { [LOG]: seconds(UNTIL + 50, 5).join("") });
        const now = { ...NOON, ...SMALL, now: UNTIL + 70, missing: 20 };
        const { page, records, asked, hasNoTrouble } = await visit(server.url, now);
        await records(5);
        await page.waitForTimeout(6000);
        const times = asked.filter((asked) => asked === name("2026-11-27")).length;
        assert.ok(times > 1 && times <= 4, `${times} times in six questions for more`);
        hasNoTrouble();
    });

    behaviour("a log with records of 1970, and of today", async ({ visit }) => {
        const log = join(work, name("2026-11-27"));
        writeFileSync(log, seconds(20, 5).join("") + lines.slice(0, 30).join(""));
        const { page, records, told, tables, hasNoTrouble } = await visit(`file://${process.env.PAGE}`);
        await page.setInputFiles("#files", [log]);
        await records(30);
        await told("5 from before the clock was set");
        assert.equal((await tables()).Load["1 min"].last.length, 30);
        hasNoTrouble();
    });
});
