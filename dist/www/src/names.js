// The names of logs: `PREFIX<yyyy-mm-dd>SUFFIX.log`, its older parts `….log.1`, `….log.2`, and what of it is compressed.

/**
 * @typedef {object} Name
 * @property {string} name of the file
 * @property {string} day `2026-11-27`
 * @property {number} place among the files of its day, in order of time
 * @property {{ prefix: string, suffix: string }} parts what stands before and behind the date
 * @property {number} [movesTo] of a text that moves to the end of the day's `.gz`: the byte of it where that begins
 */

const FORM = /^(.*?)(\d{4}-\d\d-\d\d)(.*?)\.log(?:\.(\d+))?(\.gz)?(?:@(\d+))?$/s;

/** Behind all older parts of one kind, whose numbers the writer counts up. What is compressed is older than text. */
const BEHIND_PARTS = 2 ** 40;

/** @returns {Name | undefined} undefined: not a log with this prefix and suffix; without them, with any */
export function parse(name, prefix, suffix) {
    const [, before, day, after, part, gz, moving] = FORM.exec(name) ?? [];
    if (!day || (prefix !== undefined && (before !== prefix || after !== suffix))) return undefined;
    const parts = { prefix: before, suffix: after };
    if (moving) return gz && !part ? { name, day, parts, place: BEHIND_PARTS + 1, movesTo: Number(moving) } : undefined;
    const place = part ? Number(part) : BEHIND_PARTS;
    return { name, day, parts, place: gz ? place : 2 * BEHIND_PARTS + place };
}

/** @param {Name} one @param {Name} other */
export const inOrder = (one, other) => one.day.localeCompare(other.day) || one.place - other.place;

/** The day some days later. */
export const later = (day, days) => dayOf(Date.parse(day) / 1000 + days * 86400);

/** The day in UTC of a time in seconds since 1970. */
export const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
