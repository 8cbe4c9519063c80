// The records of a day as columns of numbers, one for each series, in order of time.

import { measured } from "./sample.js";

/** Series of a day. A machine that makes an interface for each container has no end of names. */
const MOST_SERIES = 1500;
/** A pause of so many intervals is a gap. */
const GAP = 2.5;
/** Records on each side of one, whose median distance is the interval there. */
const NEAR = 4;

export class Day {
    count = 0;
    times = new Float64Array(256);
    /** 1 where the machine was started since the record before. */
    restarts = new Uint8Array(256);
    /** The router's local time less UTC, in minutes. */
    offsets = new Int16Array(256);
    /** By the series' key; NaN where a record has no value. @type {Map<string, Float64Array>} */
    columns = new Map();
    /** Lines and members of `.gz` that could not be read, and lines that were too long. */
    skipped = 0;
    /** @type {import("./sample.js").Sample | undefined} */
    first;
    /** The one that was read last. @type {import("./sample.js").Sample | undefined} */
    last;

    /** @param {string} name `2026-11-27` */
    constructor(name) {
        this.name = name;
    }

    /** @param {import("./sample.js").Sample} sample @returns {boolean} whether it is new */
    add(sample) {
        let row = this.rowAt(sample.time);
        if (row < this.count && this.times[row] === sample.time) return false;
        if (this.count === this.times.length) this.#grow();
        if (row < this.count) this.#makeRoom(row);
        this.count += 1;
        this.times[row] = sample.time;
        this.offsets[row] = sample.offset;
        this.#fill(row, sample, this.last);
        this.first ??= sample;
        this.last = sample;
        return true;
    }

    /** Reckons the first record's rates from the last record of the day before, if there is no gap. @param {Day} before */
    joinTo(before) {
        if (!this.first || !before.last) return;
        const row = this.rowAt(this.first.time);
        if (this.isBrokenAfter(before)) this.restarts[row] = this.first.uptime < before.last.uptime ? 1 : 0;
        else this.#fill(row, this.first, before.last);
    }

    #fill(row, sample, before) {
        const restarted = before !== undefined && sample.uptime < before.uptime;
        this.restarts[row] = restarted ? 1 : 0;
        for (const [key, value] of measured(sample, restarted ? undefined : before)) {
            const column = this.columns.get(key) ?? this.#newColumn(key);
            if (column) column[row] = value;
        }
    }

    /** The first row that is not before a time. */
    rowAt(time) {
        let [low, high] = [0, this.count];
        if (high === 0 || this.times[high - 1] < time) return high;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.times[middle] < time) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /** Seconds between two records, as it is usual around a row. */
    interval(row) {
        const from = Math.max(1, Math.min(row - NEAR, this.count - 2 * NEAR));
        const distances = [];
        for (let at = from; at < Math.min(this.count, from + 2 * NEAR + 1); at += 1) {
            distances.push(this.times[at] - this.times[at - 1]);
        }
        return distances.sort((one, other) => one - other)[distances.length >> 1] ?? NaN;
    }

    /** Whether there is a gap between a row and the one before, or the machine was started there. */
    isBrokenBefore(row) {
        return this.restarts[row] === 1 || this.times[row] - this.times[row - 1] > GAP * this.interval(row);
    }

    /** The same of the first row and the last one of another day. */
    isBrokenAfter(dayBefore) {
        const distance = this.times[0] - dayBefore.times[dayBefore.count - 1];
        return this.restarts[0] === 1 || !(distance <= GAP * dayBefore.interval(dayBefore.count - 1));
    }

    #newColumn(key) {
        if (this.columns.size >= MOST_SERIES) return undefined;
        const column = new Float64Array(this.times.length).fill(NaN);
        this.columns.set(key, column);
        return column;
    }

    #grow() {
        const longer = (array, empty) => {
            const copy = new array.constructor(2 * array.length).fill(empty, array.length);
            copy.set(array);
            return copy;
        };
        this.times = longer(this.times, 0);
        this.restarts = longer(this.restarts, 0);
        this.offsets = longer(this.offsets, 0);
        for (const [key, column] of this.columns) this.columns.set(key, longer(column, NaN));
    }

    /** Where the clock was set back, a record belongs before others. */
    #makeRoom(row) {
        for (const array of [this.times, this.restarts, this.offsets, ...this.columns.values()]) {
            array.copyWithin(row + 1, row, this.count);
        }
        for (const column of this.columns.values()) column[row] = NaN;
    }
}
