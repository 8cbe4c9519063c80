// The page: which days are shown, the panels, and what people do with them. It stands on the other modules, each of which
// stands on some of those before it:
//
//     names, settings, html                    how logs are called, where they are
//     bytes, gzip, lines                       what a web server or a file has, as lines
//     sample, day, view                        records as numbers, days as columns, what is looked at
//     folder, files, reading, live             which logs there are, reading them, following them
//     thin, units, zones, groups, plot, table  what is drawn and told
//     panel, keys                              a plot with its values, and what keys do

import { Files } from "./files.js";
import { Folder } from "./folder.js";
import { GROUPS } from "./groups.js";
import { byId, make } from "./html.js";
import { listen } from "./keys.js";
import { follow } from "./live.js";
import { Panel, isWanted } from "./panel.js";
import { colours } from "./plot.js";
import { readDay } from "./reading.js";
import { key } from "./sample.js";
import * as settings from "./settings.js";
import { View } from "./view.js";
import { local, viewerOffset, zoneName } from "./zones.js";

const WEEK = "week";
const WEEK_DAYS = 7;
/** Panels that are drawn in one frame: what a canvas then costs the browser cannot be measured here. */
const AT_ONCE = 2;
/** How often a day is read again whose logs are renamed meanwhile. */
const TRIES = 3;

const view = new View();
/** @type {Folder | Files} */
let source = new Folder(settings.logs, settings.prefix, settings.suffix, settings.cgi);
let days = [];
let newest;
/** Counts what was asked for, so that what is late is dropped. */
let turn = 0;
let asTable = false;
let isRouterTime = true;
let zoomed;

const looks = {
    view,
    from: 0,
    to: 0,
    offsetAt: (time) => (isRouterTime ? view.offsetAt(time) : viewerOffset(time)),
    zoom,
    zoomOut: () => zoom(),
    pointed: (time) => (byId("cursor").textContent = time ? local(time, looks.offsetAt) : ""),
};

/** @type {Map<string, Panel>} */
const panels = new Map();
/** @type {Set<Panel>} */
const stale = new Set();

/** Shows one time span, or all without one. */
function zoom(from, to) {
    zoomed = from < to ? [Math.max(from, view.from), Math.min(to, view.to)] : undefined;
    byId("out").disabled = !zoomed;
    redraw();
}

/** Zooms around the middle, or moves, by a share of what is seen. */
function shift(less, more) {
    const span = looks.to - looks.from;
    const [from, to] = [looks.from + less * span, looks.to + more * span];
    if (to - from < 10) return;
    if (to - from >= view.to - view.from) zoom();
    else if (from < view.from) zoom(view.from, view.from + to - from);
    else if (to > view.to) zoom(view.to - (to - from), view.to);
    else zoom(from, to);
}

function redraw() {
    [looks.from, looks.to] = zoomed ?? [view.from, view.to];
    for (const panel of panels.values()) stale.add(panel);
    draw();
}

/** Draws what is stale and in sight, some of it in each frame. */
function draw() {
    if (draw.isDue) return;
    draw.isDue = true;
    requestAnimationFrame(() => {
        draw.isDue = false;
        const seen = [...stale].filter((panel) => panel.isVisible);
        for (const panel of seen.slice(0, AT_ONCE)) {
            stale.delete(panel);
            panel.draw(asTable);
            if (!draw.isMarked) draw.isMarked = performance.mark("first plot");
        }
        if (seen.length > AT_ONCE) draw();
    });
}

const sight = new IntersectionObserver(
    (entries) => {
        for (const { target, isIntersecting } of entries) target.panel.isVisible = isIntersecting;
        draw();
    },
    { rootMargin: "150px" },
);

/** Puts the panels that the records have on the page, in the order of the groups. */
function lay() {
    const wanted = new Map();
    for (const group of GROUPS) {
        for (const [name, series] of view.names(group.id)) {
            const id = key(group.id, name, "");
            const keys = series.map((each) => key(group.id, name, each));
            if (isWanted(group, keys, looks)) wanted.set(id, panels.get(id) ?? new Panel(group, name, looks));
        }
    }
    for (const [id, panel] of panels) if (!wanted.has(id)) forget(id, panel);
    let before;
    for (const [id, panel] of wanted) {
        if (!panels.has(id)) {
            panels.set(id, panel);
            panel.element.panel = panel;
            sight.observe(panel.element);
            if (before) before.after(panel.element);
            else byId("panels").prepend(panel.element);
        }
        before = panel.element;
    }
    byId("empty").hidden = view.days.length > 0;
    redraw();
}

function forget(id, panel) {
    panels.delete(id);
    stale.delete(panel);
    sight.unobserve(panel.element);
    panel.clear();
    panel.element.remove();
}

/** Reads a day's logs. */
async function read(name, progress = () => {}) {
    for (let tries = 1; ; tries += 1) {
        const result = await readDay(name, await source.files(name), progress);
        if (result || tries === TRIES) return result;
    }
}

/** Shows a day, or the last week. */
async function open(choice) {
    const mine = (turn += 1);
    const isWanted = () => mine === turn;
    const names = choice === WEEK ? days.slice(0, WEEK_DAYS).reverse() : [choice];
    const shown = [];
    let live;
    byId("day").value = choice;
    zoom();
    for (const [at, name] of names.entries()) {
        const told = (share) => isWanted() && progress((at + share) / names.length);
        // A server that does not answer has no records.
        const result = await read(name, told).catch(() => undefined);
        if (!isWanted()) return;
        if (result) shown.push(result.day);
        if (name === newest) live = result;
        if (result?.day.count > 0 || at === names.length - 1) show(shown);
    }
    progress(1);
    byId("live").hidden = !live || !(source instanceof Folder);
    if (byId("live").hidden) return;
    const changed = (day, isNew) => {
        if (isNew) {
            newest = day.name;
            day.joinTo(shown.at(-1));
            fillDays(choice === WEEK ? WEEK : newest);
        }
        if (isNew && choice === WEEK) shown.push(day);
        else shown.splice(-1, 1, day);
        show(shown.slice(-WEEK_DAYS));
    };
    const lost = (isLost) => byId("live").classList.toggle("lost", isLost);
    follow({ folder: source, ...live, read, isWanted, changed, lost });
}

function progress(share) {
    byId("progress").hidden = share >= 1;
    byId("progress").value = share;
}

function show(shown) {
    view.show(shown);
    lay();
    tell();
}

/** What stands below the title. */
function tell() {
    const last = view.days.at(-1);
    const skipped = view.days.reduce((all, day) => all + day.skipped, 0);
    const interval = Math.round(last?.interval(last.count - 1));
    const said = [
        last && `last record ${local(view.to, looks.offsetAt)}`,
        last && `${view.count.toLocaleString()} records`,
        interval > 0 && `every ${interval}\u202fs`,
        view.left > 0 && `${view.left.toLocaleString()} from before the clock was set`,
        skipped > 0 && `${skipped.toLocaleString()} unreadable lines skipped`,
    ];
    byId("status").textContent = said.filter(Boolean).join(" · ");
    byId("zone").textContent = `${isRouterTime ? "router’s" : "my"} time, ${zoneName(looks.offsetAt(view.to))}`;
}

/** Fills the list of days. */
async function fillDays(chosen = byId("day").value) {
    days = await source.days(newest).catch(() => days);
    if (chosen && chosen !== WEEK && !days.includes(chosen)) days = [...days, chosen].sort().reverse();
    const week = make("option", { value: WEEK }, "last 7 days");
    byId("day").replaceChildren(...days.map((day) => make("option", { value: day }, day)), week);
    byId("day").value = chosen;
    stepDays();
}

/** Whether there is a day before and after the chosen one. */
function stepDays() {
    const at = days.indexOf(byId("day").value);
    byId("earlier").disabled = at < 0 || at === days.length - 1;
    byId("later").disabled = at < 1;
}

/** Begins with the day of the address, or the newest there is. */
async function begin(day) {
    const isDate = day && day !== WEEK;
    newest = await source.newest().catch(() => undefined);
    const first = isDate ? day : newest;
    byId("empty").hidden = first !== undefined;
    if (first) {
        byId("day").replaceChildren(make("option", { value: first }, first));
        if (day !== WEEK) await open(first);
    }
    await fillDays();
    if (day === WEEK) await open(WEEK);
}

function openFiles(files) {
    if (files.length === 0) return;
    turn += 1;
    source = new Files(files);
    begin();
}

/** Moves the cursor of all plots by some records. */
function step(records) {
    const seen = view
        .between(looks.from, looks.to)
        .flatMap(({ day, start, end }) => Array.from(day.times.subarray(start, end)));
    const at = seen.findIndex((time) => time >= (step.at ?? Infinity));
    step.at = seen[Math.min(Math.max((at < 0 ? seen.length - 1 : at) + (step.at ? records : 0), 0), seen.length - 1)];
    for (const panel of panels.values()) if (panel.isVisible) panel.pointAt(step.at);
}

function press(id, action) {
    byId(id).addEventListener("click", action);
}

press("in", () => shift(0.25, -0.25));
press("less", () => shift(-0.5, 0.5));
press("out", () => zoom());
press("earlier", () => open(days[days.indexOf(byId("day").value) + 1]).then(stepDays));
press("later", () => open(days[days.indexOf(byId("day").value) - 1]).then(stepDays));
press("zone", () => {
    isRouterTime = !isRouterTime;
    tell();
    redraw();
});
press("table", () => {
    asTable = !asTable;
    byId("table").setAttribute("aria-pressed", String(asTable));
    redraw();
});
byId("day").addEventListener("change", ({ target }) => open(target.value).then(stepDays));
byId("files").addEventListener("change", ({ target }) => openFiles(target.files));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
    event.preventDefault();
    openFiles(event.dataTransfer.files);
});
listen(step, (share) => shift(share, share));

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    colours.read();
    for (const panel of panels.values()) panel.clear();
    redraw();
});
let width;
new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    for (const panel of panels.values()) panel.fit();
    redraw();
}).observe(byId("panels"));

colours.read();
byId("wanted").textContent = `${settings.logs}${settings.prefix}<date>${settings.suffix}.log`;
document.title = `procline ${location.hostname}`;
byId("host").textContent = location.hostname;
if (settings.hasServer) begin(settings.day);
else byId("empty").hidden = false;
