// The days that are looked at, as stretches of records without a gap.

/**
 * @typedef {object} Stretch rows of a day, `start` to `end` - 1
 * @property {import("./day.js").Day} day
 * @property {number} start
 * @property {number} end
 * @property {boolean} isBroken whether there is a break before it: a gap, or a start of the machine
 */

/** Seconds without a record before which there is another time: the clock was in 1970 until it was set. */
const OTHER_TIME = 366 * 86400;

export class View {
    /** @type {import("./day.js").Day[]} */
    days = [];
    /** Records of another time, which are not shown. */
    left = 0;
    /** @type {Stretch[]} */
    #stretches = [];

    /** @param {import("./day.js").Day[]} days in order */
    show(days) {
        this.days = days.filter((day) => day.count > 0);
        for (const [at, day] of this.days.entries()) if (at > 0) day.joinTo(this.days[at - 1]);
        this.changed();
    }

    /** To be called when a day has more records. */
    changed() {
        const all = this.days.flatMap((day, at) => stretches(day, this.days[at - 1]));
        const times = all.map(({ day, start, end }) => [day.times[start], day.times[end - 1]]);
        const first = all.findLastIndex((_, at) => at > 0 && times[at][0] - times[at - 1][1] > OTHER_TIME);
        this.#stretches = all.slice(Math.max(0, first));
        this.left = count(all) - this.count;
    }

    get count() {
        return count(this.#stretches);
    }

    get from() {
        const [first] = this.#stretches;
        return first?.day.times[first.start] ?? 0;
    }

    get to() {
        const day = this.days.at(-1);
        return day ? day.times[day.count - 1] : 0;
    }

    /** Where between two times there is nothing, or the machine was started. */
    breaks(from, to) {
        const found = [];
        for (const [at, { day, start, isBroken }] of this.#stretches.entries()) {
            const before = this.#stretches[at - 1];
            const right = day.times[start];
            const left = before ? before.day.times[before.end - 1] : right;
            const isRestart = day.restarts[start] === 1;
            if ((at > 0 || isRestart) && isBroken && right >= from && left <= to)
                found.push({ left, right, isRestart });
        }
        return found;
    }

    /** What of the stretches is between two times, with a record more on each side. @returns {Stretch[]} */
    between(from, to) {
        const clipped = [];
        for (const { day, start, end, isBroken } of this.#stretches) {
            const first = Math.max(start, day.rowAt(from) - 1);
            const last = Math.min(end, day.rowAt(to) + 1);
            if (first < last) clipped.push({ day, start: first, end: last, isBroken: isBroken && first === start });
        }
        return clipped;
    }

    /** The router's offset from UTC at a time, in seconds. */
    offsetAt(time) {
        const day = this.days.findLast((day) => day.times[0] <= time) ?? this.days[0];
        return day ? 60 * day.offsets[Math.max(0, Math.min(day.count, day.rowAt(time + 1)) - 1)] : 0;
    }

    /** The series of a group by the name of what they tell of. @returns {Map<string, string[]>} */
    names(group) {
        const names = new Map();
        for (const day of this.days) {
            for (const key of day.columns.keys()) {
                const [its, name, series] = key.split("\n");
                if (its !== group) continue;
                const known = names.get(name) ?? [];
                if (!known.includes(series)) names.set(name, [...known, series]);
            }
        }
        return names;
    }
}

const count = (stretches) => stretches.reduce((all, { start, end }) => all + end - start, 0);

function stretches(day, dayBefore) {
    const found = [];
    for (let start = 0, end = 1; start < day.count; start = end, end += 1) {
        while (end < day.count && !day.isBrokenBefore(end)) end += 1;
        const isBroken = start > 0 || (dayBefore !== undefined && day.isBrokenAfter(dayBefore));
        found.push({ day, start, end, isBroken });
    }
    return found;
}
