// Follows the newest day: asks for what its log has more, and goes on with the next day.

import { exists } from "./bytes.js";
import { dayOf, later } from "./names.js";
import { readMore, readSince } from "./reading.js";
import { cgi } from "./settings.js";

/** Seconds between two questions: half the interval of the records, within these. */
const SHORTEST = 1;
const LONGEST = 30;

/** Whether there is a script for servers without ranges: undefined until it was asked. */
let hasCgi;

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
    for (;;) {
        await pause(Math.min(LONGEST, Math.max(SHORTEST, day.interval(day.count - 1) / 2 || SHORTEST)));
        if (!isWanted()) return;
        try {
            const before = day.count;
            const isSame = await grow(folder, day, last);
            let next = isSame ? undefined : await read(day.name);
            const tomorrow = later(day.name, 1);
            const isNew =
                isSame && day.count === before && isOver(day) && (await exists(folder.urlOf(folder.nameOf(tomorrow))));
            if (isNew) next = await read(tomorrow);
            if (!isWanted()) return;
            lost(false);
            if (next?.day.count > 0) {
                ({ day, last } = next);
                changed(day, isNew);
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
    if (last.ranges || !cgi || hasCgi === false || !day.last) return readMore(last);
    const joined = await readSince(cgi, day);
    hasCgi = joined !== undefined;
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
