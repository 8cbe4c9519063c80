// Picks what of the records is drawn: all, or where a pixel has many of them, the least and the most of each series.

/**
 * @param {import("./view.js").Stretch[]} stretches
 * @param {string[]} keys of the series
 * @param {object} options
 * @param {number} options.from in seconds
 * @param {number} options.to
 * @param {number} options.pixels
 * @param {boolean} options.isRate the first record behind a break has no value
 * @param {number} options.stacked of the first series so many stand on each other: the least and the most of their sum
 * @returns {(number | null)[][]} the times, and the values of each series; null is a break
 */
export function pick(stretches, keys, { from, to, pixels, isRate, stacked }) {
    const picked = [[], ...keys.map(() => [])];
    const add = (time, valueOf) => {
        picked[0].push(time);
        keys.forEach((_, at) => picked[at + 1].push(valueOf(at)));
    };
    const records = stretches.reduce((all, { start, end }) => all + end - start, 0);
    const seconds = records > 2 * pixels ? (to - from) / pixels : 0;
    let before;
    for (const { day, start, end, isBroken } of stretches) {
        const columns = keys.map((key) => day.columns.get(key));
        const valueAt = (column, row) => (column && !Number.isNaN(column[row]) ? column[row] : null);
        if (isBroken && before !== undefined) add((before + day.times[start]) / 2, () => null);
        before = day.times[end - 1];
        let row = start;
        if (isBroken && isRate) add(day.times[row++], () => null);
        const summed = stacked && seconds ? sums(columns.slice(0, stacked), row, end) : undefined;
        while (row < end) {
            const next = seconds ? pixelEnd(day.times, row, end, from, seconds) : row + 1;
            if (next - row < 3) {
                for (; row < next; row += 1) add(day.times[row], (at) => valueAt(columns[at], row));
                continue;
            }
            const both = summed ? extremes(summed, row, next) : undefined;
            const pairs = columns.map((column, at) => {
                if (at < stacked) return both;
                return column ? extremes(column, row, next) : [row, row];
            });
            add(day.times[row], (at) => valueAt(columns[at], pairs[at][0]));
            add(day.times[next - 1], (at) => valueAt(columns[at], pairs[at][1]));
            row = next;
        }
    }
    return picked;
}

/** The first row behind those of one pixel. */
function pixelEnd(times, row, end, from, seconds) {
    const right = from + (Math.floor((times[row] - from) / seconds) + 1) * seconds;
    while (++row < end && times[row] < right);
    return row;
}

/** The rows, of `start` to `end` - 1, with the least and the most, in order of time. */
function extremes(column, start, end) {
    let [least, most] = [start, start];
    for (let row = start + 1; row < end; row += 1) {
        const value = column[row];
        if (value < column[least] || Number.isNaN(column[least])) least = row;
        if (value > column[most] || Number.isNaN(column[most])) most = row;
    }
    return least < most ? [least, most] : [most, least];
}

/** The sum of all columns in each row; what has no value counts as 0. */
function sums(columns, start, end) {
    const summed = new Float64Array(end);
    for (const column of columns) {
        for (let row = start; row < end; row += 1) summed[row] += column?.[row] || 0;
    }
    return summed;
}
