// One plot of uPlot: lines, areas that stand on each other, or one series below 0.

import uPlot from "uplot";
import { readable } from "./units.js";
import { tickLabel, ticks } from "./zones.js";

const HEIGHT = 148;
const AXIS = 58;
/** Least pixels between two ticks of the time. */
const TICK = 70;

/** Colours of the page, as the canvas needs them. They change with the system's light and dark. */
export const colours = {
    read() {
        const style = getComputedStyle(document.documentElement);
        const get = (name) => style.getPropertyValue(`--${name}`).trim();
        this.series = Array.from({ length: 10 }, (_, at) => get(`series-${at}`));
        this.text = get("muted");
        for (const name of ["panel", "grid", "gap", "mark"]) this[name] = get(name);
    },
    of(at) {
        return this.series[at % this.series.length];
    },
};

/**
 * @typedef {object} Looks what all plots share
 * @property {number} from
 * @property {number} to
 * @property {(time: number) => number} offsetAt
 * @property {import("./view.js").View} view
 * @property {(from: number, to: number) => void} zoom
 * @property {() => void} zoomOut
 */

/**
 * @param {HTMLElement} place
 * @param {import("./groups.js").Group} group
 * @param {{ label: string, colour: number, isStacked: boolean, isBelow: boolean }[]} series
 * @param {(number | null)[][]} data
 * @param {Looks} looks
 * @param {(row: number | null) => void} pointed is told the row of `data` at the cursor
 */
export function plot(place, group, series, data, looks, pointed) {
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = {
        font,
        stroke: () => colours.text,
        ticks: { show: false },
        grid: { stroke: () => colours.grid, width: 1 },
    };
    const isBinary = group.unit.startsWith("B");
    const options = {
        width: place.clientWidth,
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: {
            y: false,
            sync: { key: "time" },
            drag: { x: true, y: false, setScale: false },
            points: { size: 5 },
            bind: { dblclick: () => () => looks.zoomOut() },
        },
        scales: {
            x: { time: false, range: () => [looks.from, Math.max(looks.to, looks.from + 1)] },
            y: { range: (_, least, most) => ends(group, least, most) },
        },
        axes: [
            {
                ...axis,
                size: 19,
                gap: 3,
                splits: (u, _, from, to) => ticks(from, to, u.width / TICK, looks.offsetAt),
                values: (_, times) => times.map((time) => tickLabel(time, times[1] - times[0], looks.offsetAt)),
            },
            {
                ...axis,
                size: AXIS,
                gap: 4,
                space: 28,
                incrs: isBinary ? BINARY_STEPS : undefined,
                values: (_, values) =>
                    values.map((value) => readable(Math.abs(value), group.unit.replace(/(bit)?\/s|rpm$/, ""))),
            },
        ],
        series: [{}, ...series.map((each) => drawn(each))],
        bands: bands(series),
        hooks: {
            setCursor: [(u) => pointed(u.cursor.idx ?? null)],
            setSelect: [
                ({ select, posToVal, root }) => {
                    if (select.width > 2)
                        looks.zoom(posToVal(select.left, "x"), posToVal(select.left + select.width, "x"));
                    root.querySelector(".u-select").style.width = "0";
                },
            ],
            draw: [(u) => breaks(u, looks)],
        },
    };
    return new uPlot(options, shaped(series, data), place);
}

const BINARY_STEPS = Array.from({ length: 60 }, (_, at) => 2 ** (at - 3));

function drawn({ colour, isStacked, isBelow, label }) {
    const hasArea = isStacked || isBelow !== undefined;
    return {
        label,
        stroke: () => colours.of(colour),
        // An area of 0 is not to be seen.
        width: isStacked ? 0 : 1.25,
        fill: hasArea ? () => `${colours.of(colour)}${isStacked ? "bb" : "33"}` : undefined,
        points: { size: 3, show: isStacked ? false : undefined },
    };
}

/** Of areas that stand on each other each is filled down to the one below. */
function bands(series) {
    const stacked = series.flatMap(({ isStacked }, at) => (isStacked ? [at + 1] : []));
    return stacked.slice(1).map((upper, at) => ({ series: [upper, stacked[at]] }));
}

/** What is drawn for the data: sums of what stands on each other, and below 0 what is mirrored. */
export function shaped(series, data) {
    let below;
    return data.map((values, at) => {
        const { isStacked, isBelow } = series[at - 1] ?? {};
        if (isBelow) return values.map((value) => (value === null ? null : -value));
        if (!isStacked) return values;
        below = below ? values.map((value, row) => (value === null ? null : value + below[row])) : values;
        return below;
    });
}

/** Where the axis begins and ends. */
function ends({ unit, fromZero = true, most: highest }, least, most) {
    if (least === null) return [0, 1];
    if (highest) return [0, highest];
    const smallest = unit === "%" ? 1 : unit === "" ? 0.1 : 1;
    if (!fromZero) {
        const room = Math.max(0.15 * (most - least), 0.02 * Math.abs(most), smallest);
        return [least >= 0 ? Math.max(0, least - room) : least - room, most + room];
    }
    const room = 0.08 * Math.max(most - least, smallest);
    return [least < 0 ? least - room : 0, Math.max(most, least < 0 ? 0 : smallest) + room];
}

/** Gaps as shades, and starts of the machine as lines. */
function breaks(u, { view, from, to }) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    const at = (time) => Math.min(Math.max(u.valToPos(time, "x", true), bbox.left), bbox.left + bbox.width);
    ctx.save();
    for (const { left, right, isRestart } of view.breaks(from, to)) {
        ctx.fillStyle = colours.gap;
        ctx.fillRect(at(left), bbox.top, at(right) - at(left), bbox.height);
        if (!isRestart || right < from || right > to) continue;
        ctx.fillStyle = colours.mark;
        ctx.fillRect(Math.round(at(right)), bbox.top, ratio, bbox.height);
        ctx.font = `${10 * ratio}px system-ui, sans-serif`;
        const fits = at(right) + 45 * ratio < bbox.left + bbox.width;
        ctx.textAlign = fits ? "left" : "right";
        const place = ["restart", at(right) + (fits ? 3 : -3) * ratio, bbox.top + 9 * ratio];
        // An edge in the panel's colour, for what is drawn there.
        ctx.strokeStyle = colours.panel;
        ctx.lineWidth = 3 * ratio;
        ctx.strokeText(...place);
        ctx.fillText(...place);
    }
    ctx.restore();
}
