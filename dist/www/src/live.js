// Follows the newest day: asks for what its log has more, and goes on with the next day, or with today's where the clock was
// in 1970 before.

import { exists } from "./bytes.js";
import { dayOf } from "./names.js";
import { readMore, readSince } from "./reading.js";

/** Seconds between two questions: half the interval of the records, within these. */
const SHORTEST = 1;
const LONGEST = 30;
/** Most questions after which it is asked again whether there is another day. */
const SELDOM = 32;

/**
 * @param {object} options
 * @param {import("./folder.js").Folder} options.folder
 * @param {import("./day.js").Day} options.day
 * @param {import("./reading.js").Read} [options.last] how far its last log was read
 * @param {(day: string) => ReturnType<typeof import("./reading.js").readDay>} options.read
 * @param {() => boolean} options.isWanted
 * @param {(day: import("./day.js").Day, isNew: boolean) => void} options.changed
 * @param {(isLost: boolean) => void} options.lost whether the server does not answer
 */
export async function follow({ folder, day, last, read, isWanted, changed, lost }) {
    let [toWait, waited] = [1, 1];
    for (let seconds = SHORTEST; ; seconds = Math.max(SHORTEST, day.interval(day.count - 1) / 2 || SHORTEST)) {
        await pause(Math.min(LONGEST, seconds));
        if (!isWanted()) return;
        try {
            const before = day.count;
            const isSame = await grow(folder, day, last);
            let another;
            if (isSame && day.count === before && isOver(day) && (toWait -= 1) <= 0) {
                another = await folder.after(day.name, 60 * day.last.offset);
                // The browser tells of each name that is not there.
                toWait = waited = another ? 1 : Math.min(2 * waited, SELDOM);
            }
            const next = isSame && !another ? undefined : await read(another ?? day.name);
            if (!isWanted()) return;
            lost(false);
            if (next?.day.count > 0) {
                ({ day, last } = next);
                changed(day, another !== undefined);
            } else if (day.count > before) changed(day, false);
        } catch {
            lost(true);
        }
    }
}

/** Reads what the day's log has more. @returns {Promise<boolean>} false: the day is to be read again */
async function grow(folder, day, last) {
    const log = folder.nameOf(day.name);
    // It became an older part, and the next record begins another.
    if (last?.log.name !== log) return !(await exists(folder.urlOf(log)));
    const joined = last.ranges || !folder.cgi || !day.last ? undefined : await readSince(folder.cgi, day);
    return joined ?? readMore(last);
}

/** Whether it is another day at the router's. */
function isOver(day) {
    return dayOf(Date.now() / 1000 + 60 * (day.last?.offset ?? 0)) > day.name;
}

/** Waits, and longer while nobody looks. */
async function pause(seconds) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    while (document.hidden)
        await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}
