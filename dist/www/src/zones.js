// Times of the viewer's zone or of the router's, and where an axis has its ticks.

/** Seconds between two ticks. */
const STEPS = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 172800, 604800,
];

/** How far the viewer's local time is ahead of UTC at a time, in seconds. */
export const viewerOffset = (time) => -60 * new Date(1000 * time).getTimezoneOffset();

/** `2026-11-27 18:02:05`. @param {number} time in seconds since 1970 @param {(time: number) => number} offsetAt */
export function local(time, offsetAt) {
    const date = new Date(1000 * (time + offsetAt(time)));
    return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 19).replace("T", " ");
}

/** The offset as people write it: `UTC+1`, `UTC−3:30`. */
export function zoneName(offset) {
    const minutes = Math.abs(Math.round(offset / 60));
    const hours = Math.floor(minutes / 60) + (minutes % 60 ? `:${String(minutes % 60).padStart(2, "0")}` : "");
    return `UTC${minutes ? (offset < 0 ? "−" : "+") + hours : ""}`;
}

/** Times between two, at full steps of the local time. */
export function ticks(from, to, most, offsetAt) {
    const step = STEPS.find((step) => (to - from) / step <= most) ?? STEPS.at(-1);
    const offset = offsetAt(from);
    const found = [];
    for (let time = Math.ceil((from + offset) / step) * step - offset; time <= to; time += step) found.push(time);
    return found;
}

/** What stands at a tick: the date at midnight and at the first one, else the time. */
export function tickLabel(time, step, offsetAt) {
    const [date, clock] = local(time, offsetAt).split(" ");
    if (clock === "00:00:00") return date.slice(5);
    return step < 60 ? clock : clock.slice(0, 5);
}
