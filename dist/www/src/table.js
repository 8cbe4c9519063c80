// The numbers of a plot as a table: of each series the least, mean and most, and its last records.

import { make } from "./html.js";
import { readable } from "./units.js";
import { local } from "./zones.js";

/** Records of a table. To see others, zoom. */
const ROWS = 100;

/**
 * @param {import("./groups.js").Group} group
 * @param {string} title
 * @param {{ label: string, key: string }[]} series
 * @param {import("./plot.js").Looks} looks
 */
export function table(group, title, series, { view, from, to, offsetAt }) {
    const records = recordsOf(group, series, view, from, to);
    const cell = (value) => make("td", {}, make("data", { value: value ?? "" }, readable(value, group.unit)));
    const row = (head, values) => make("tr", {}, make("th", { scope: "row" }, head), ...values.map(cell));
    const columns = series.map((_, at) => records.map(({ values }) => values[at]).filter((value) => value !== null));
    const last = records.slice(-ROWS).reverse();
    const isOneDay = local(from, offsetAt).slice(0, 10) === local(to, offsetAt).slice(0, 10);
    const caption = `${title}: ${last.length < records.length ? `the last ${last.length} of ${records.length}` : last.length} records`;
    return make(
        "table",
        {},
        make("caption", {}, caption),
        make(
            "thead",
            {},
            make(
                "tr",
                {},
                make("th", { scope: "col" }, "time"),
                ...series.map(({ label }) => make("th", { scope: "col" }, label)),
            ),
        ),
        make(
            "tbody",
            { className: "summary" },
            row(
                "least",
                columns.map((values) => reduced(values, Math.min)),
            ),
            row(
                "mean",
                columns.map((values) =>
                    values.length ? values.reduce((all, value) => all + value, 0) / values.length : null,
                ),
            ),
            row(
                "most",
                columns.map((values) => reduced(values, Math.max)),
            ),
        ),
        make(
            "tbody",
            {},
            ...last.map(({ time, values }) => row(local(time, offsetAt).slice(isOneDay ? 11 : 5), values)),
        ),
    );
}

const reduced = (values, better) => (values.length ? values.reduce((one, other) => better(one, other)) : null);

function recordsOf({ isRate }, series, view, from, to) {
    const records = [];
    for (const { day, start, end, isBroken } of view.between(from, to)) {
        const columns = series.map(({ key }) => day.columns.get(key));
        for (let row = start; row < end; row += 1) {
            if (day.times[row] < from || day.times[row] > to) continue;
            const hasNone = isRate && isBroken && row === start;
            const values = columns.map((column) =>
                !column || hasNone || Number.isNaN(column[row]) ? null : column[row],
            );
            records.push({ time: day.times[row], values });
        }
    }
    return records;
}
