// What people do with the page, and what hostile logs cannot do.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { before, test } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { pick } from "../../dist/www/src/thin.js";
import { inOrder, parse } from "../../dist/www/src/names.js";
import { Sample, key } from "../../dist/www/src/sample.js";
import { local, zoneName } from "../../dist/www/src/zones.js";
import { readable } from "../../dist/www/src/units.js";
import { DAY, LOG, behaviour, eventfulDay, together, work } from "./harness.mjs";
import { busybox, lighttpd, uhttpd } from "./servers.mjs";

let lines;
before(() => {
    lines = eventfulDay();
});

const LISTED = { isListed: true };
const headings = (page) => page.locator(".panel h2").allTextContents();

/** Drags over the first plot, from one share of its width to another. */
async function drag(page, from, to) {
    const { x, y, width, height } = await page.locator(".u-over").first().boundingBox();
    await page.mouse.move(x + from * width, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + to * width, y + height / 2, { steps: 4 });
    await page.mouse.up();
}

together("people", () => {
    behaviour(
        "a drag zooms all plots, a double click goes back, and the cursor is in all",
        async ({ served, visit }) => {
            const server = await served(lighttpd, { [LOG]: lines.join("") }, LISTED);
            const { page, records, tables, hasNoTrouble } = await visit(server.url);
            await records(lines.length);
            await page.waitForFunction(
                () => document.querySelectorAll("canvas").length === document.querySelectorAll(".panel").length,
            );
            const values = () => page.locator(".legend b").allTextContents();
            const last = await values();
            await page
                .locator(".u-over")
                .first()
                .hover({ position: { x: 100, y: 50 } });
            await page.waitForFunction(() => document.getElementById("cursor").textContent !== "");
            const pointed = await values();
            assert.ok(pointed.filter((value, at) => value !== last[at]).length > 20, pointed.join(" "));
            await drag(page, 0.8, 0.85);
            await page.waitForFunction(() => !document.getElementById("out").disabled);
            const zoomed = await tables();
            const seen = Object.values(zoomed).map((columns) => Object.values(columns)[0].last.length);
            assert.ok(new Set(seen).size === 1 && seen[0] < 100, seen.join(" "));
            await page.click("#table");
            await page.locator(".u-over").first().dblclick();
            await page.waitForFunction(() => document.getElementById("out").disabled);
            hasNoTrouble();
        },
    );

    behaviour("all can be done by keys, and a series be hidden", async ({ served, visit }) => {
        const server = await served(lighttpd, { [LOG]: lines.join("") }, LISTED);
        const { page, records, hasNoTrouble } = await visit(server.url);
        await records(lines.length);
        const cursor = () => page.textContent("#cursor");
        await page.waitForSelector("canvas");
        await page.keyboard.press("ArrowLeft");
        assert.equal(await cursor(), `${DAY} 23:59:00`);
        await page.keyboard.press("ArrowLeft");
        assert.equal(await cursor(), `${DAY} 23:58:00`);
        await page.keyboard.press("z");
        assert.match(await page.textContent("#zone"), /^my time, UTC−5$/);
        await page.keyboard.press("ArrowRight");
        assert.equal(await cursor(), `${DAY} 17:59:00`);
        await page.keyboard.press("+");
        assert.ok(await page.locator("#out").isEnabled());
        await page.keyboard.press("Escape");
        assert.ok(await page.locator("#out").isDisabled());
        await page.keyboard.press("t");
        await page.waitForSelector("table caption");
        await page.keyboard.press("t");
        const button = page.locator(".legend button", { hasText: "softirq" });
        await button.waitFor();
        await button.focus();
        await page.keyboard.press("Enter");
        assert.equal(await button.getAttribute("aria-pressed"), "false");
        assert.match(await page.locator(".plot").first().getAttribute("aria-label"), /^CPU: user .*\s% to .*\s%/);
        assert.doesNotMatch(await page.locator(".plot").first().getAttribute("aria-label"), /softirq/);
        hasNoTrouble();
    });

    behaviour("a phone shows all in one column, in the colours that the system has", async ({ served, visit }) => {
        const server = await served(lighttpd, { [LOG]: lines.slice(0, 300).join("") }, LISTED);
        const options = { viewport: { width: 360, height: 800 }, colorScheme: "dark" };
        const { page, records, hasNoTrouble } = await visit(server.url, options);
        await records(300);
        const widths = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            ...Array.from(document.querySelectorAll(".panel"), (panel) => panel.clientWidth),
        ]);
        assert.equal(widths[0], 360);
        assert.ok(Math.min(...widths) > 300, widths.join(" "));
        const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const dark = await background();
        await page.emulateMedia({ colorScheme: "light" });
        assert.notEqual(await background(), dark);
        hasNoTrouble();
    });

    behaviour("a folder without logs says what to do", async ({ served, visit }) => {
        const server = await served(busybox, {});
        const { page, hasNoTrouble } = await visit(`${server.url}?prefix=router_`, { missing: 6 });
        await page.waitForSelector("#empty:not([hidden])");
        assert.match(await page.textContent("#empty"), /router_<date>\.log/);
        hasNoTrouble();
    });

    behaviour("files are read where they are dropped, and from a page of the disk", async ({ visit }) => {
        const names = [
            ["one_2026-11-25.log", 0, 200],
            [`one_${DAY}.log`, 200, 290],
            ["notes.txt", 290, 300],
        ];
        for (const [name, start, end] of names) writeFileSync(join(work, name), lines.slice(start, end).join(""));
        const { page, records, hasNoTrouble } = await visit(`file://${process.env.PAGE}`);
        await page.waitForSelector("#empty:not([hidden])");
        await page.setInputFiles(
            "#files",
            names.map(([name]) => join(work, name)),
        );
        await records(10);
        await page.selectOption("#day", DAY);
        await records(90);
        await page.selectOption("#day", "week");
        await records(300);
        hasNoTrouble();
    });

    behaviour("hostile lines are shown as text, or skipped", async ({ served, visit }) => {
        const name = "<img src=x onerror=window.hacked=1>";
        const renamed = (line) =>
            line
                .replaceAll("wan", name)
                .replaceAll("phy1-ap0", "__proto__")
                .replaceAll("/overlay", "</script><script>window.hacked=1</script>");
        const spoilt = [
            ...lines.slice(0, 10).map(renamed),
            `1795650000 - {"time":"${"x".repeat(10_000_000)}"}\n`,
            `1795650000 - ${"[".repeat(1_000_000)}\n`,
            `1795650000 - {"a":${'{"a":'.repeat(200_000)}\n`,
            `\0\0\0\0${renamed(lines[10])}`,
            `${"\0".repeat(4096)}\n`,
            '1795650000 - {"timestamp":1e308,"time":"2026"}\n',
            '1795650000 - {"timestamp":"1","time":1,"cpu_data":null}\n',
            '1795650000 - {"timestamp":1795650000,"time":"2026-11-26T00:00:00.0","netdev":null,"filesystem":{"/":null}}\n',
            "1795650000 - {}\n",
            "\xff\xfe\n",
            ...lines.slice(11, 60).map(renamed),
        ];
        for (const serve of [lighttpd, uhttpd]) {
            const server = await served(
                serve,
                {
                    [LOG]: spoilt.join(""),
                    [`${LOG}.1.gz`]: Buffer.from("1f8b080400000000", "hex"),
                    [`${LOG}.2.gz`]: "no gzip\n",
                },
                LISTED,
            );
            const { page, records, status, hasNoTrouble } = await visit(server.url);
            await records(60);
            await page.waitForTimeout(300);
            assert.equal(await page.evaluate(() => window.hacked), undefined);
            assert.ok((await headings(page)).includes(`Network ${name} bit/s`));
            assert.ok((await headings(page)).includes("Network __proto__ bit/s"));
            assert.match(await status(), /11 unreadable lines skipped/);
            hasNoTrouble();
        }
    });
});

test("what is thinned out keeps the least and the most of each pixel, and the breaks", () => {
    const count = 10_000;
    const times = Float64Array.from({ length: count }, (_, at) => 60 * at);
    const values = Float64Array.from({ length: count }, (_, at) => Math.sin(at / 50));
    values[4321] = 99;
    values[7777] = -99;
    const day = {
        times,
        columns: new Map([
            ["a", values],
            ["b", values.map((value) => 1 - value)],
            ["c", values],
        ]),
    };
    const stretches = [
        { day, start: 0, end: 5000, isBroken: true },
        { day, start: 5000, end: count, isBroken: true },
    ];
    const options = { from: 0, to: 60 * count, pixels: 400, isRate: true, stacked: 0 };
    const [x, a] = pick(stretches, ["a", "b"], options);
    assert.ok(x.length <= 2 * 400 + 8, `${x.length} points`);
    assert.deepEqual(
        [...x].sort((one, other) => one - other),
        x,
    );
    assert.ok(a.includes(99) && a.includes(-99));
    assert.equal(a.filter((value) => value === null).length, 3, "the break, and the first rate of each stretch");
    const [all, ...stacked] = pick(stretches, ["a", "b", "c"], { ...options, stacked: 2 });
    assert.ok(
        all.every((_, at) => stacked[0][at] === null || Math.abs(stacked[0][at] + stacked[1][at] - 1) < 1e-9),
        "of one record",
    );
    assert.ok(stacked[2].includes(99), "beside those that are stacked");
    assert.equal(
        pick(stretches, ["a"], { ...options, pixels: count })[0].length,
        count + 1,
        "all of them, and the break",
    );
});

test("names are in order of time", () => {
    const ordered = [
        `${LOG}.2.gz`,
        `${LOG}.10.gz`,
        `${LOG}.gz`,
        `${LOG}.gz@8014`,
        `${LOG}.1`,
        `${LOG}.2`,
        `${LOG}.10`,
        LOG,
        LOG.replace("26", "27"),
    ];
    const parsed = [...ordered].reverse().map((name) => parse(name, "awesome_monitoring_", ""));
    assert.deepEqual(
        parsed.sort(inOrder).map(({ name }) => name),
        ordered,
    );
    assert.equal(parse(LOG, "router_", ""), undefined);
    assert.equal(parse("index.html", "", ""), undefined);
});

test("numbers and times are readable", () => {
    const said = [
        [0, "B"],
        [999, "bit/s"],
        [999.7, "bit/s"],
        [1023, "B"],
        [1024, "B"],
        [1_234_567, "/s"],
        [-2, ""],
        [0.0004, "%"],
        [0.025, ""],
        [1e30, ""],
    ];
    assert.deepEqual(
        said.map(([value, unit]) => readable(value, unit).replace("\u202f", " ")),
        ["0 B", "999 bit/s", "1 kbit/s", "1023 B", "1 KiB", "1.23 M/s", "−2", "0 %", "0.025", "1000000000000 E"],
    );
    assert.equal(
        local(1_795_733_940, () => 3600),
        "2026-11-26 23:59:00",
    );
    assert.deepEqual([0, 3600, -12_600].map(zoneName), ["UTC", "UTC+1", "UTC−3:30"]);
});

test("pymonitor's lines have the same figures", () => {
    for (const machine of ["vm", "mt7621-router", "pymonitor-example"]) {
        const line = (name) => readFileSync(new URL(`../../fixtures/${machine}/${name}.log`, import.meta.url), "utf8");
        const [record, pymonitor] = [Sample.of(line("record")), Sample.of(line("pymonitor"))];
        const started = key("started", "", "started");
        assert.ok(record.counts.delete(started) && !pymonitor.counts.has(started));
        assert.deepEqual(pymonitor.counts, record.counts);
        assert.deepEqual(pymonitor.values, record.values);
        assert.equal(pymonitor.time, record.time);
        for (const [name, { part, whole }] of record.shares) {
            assert.deepEqual(pymonitor.shares.get(name), { part: 100 * part, whole: 100 * whole });
        }
    }
});
