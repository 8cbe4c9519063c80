// A panel of the page: its title, its plot or table, and below it the series with their values at the cursor.

import { make } from "./html.js";
import { colours, plot, shaped } from "./plot.js";
import { key } from "./sample.js";
import { table } from "./table.js";
import { pick } from "./thin.js";
import { readable } from "./units.js";

/** Series of a panel; those with the largest values are shown. */
const MOST = 16;

export class Panel {
    isVisible = false;
    #plot;
    #data = [[]];
    #shown = "";

    /** @param {import("./groups.js").Group} group @param {string} name @param {import("./plot.js").Looks} looks */
    constructor(group, name, looks) {
        Object.assign(this, { group, name, looks });
        this.title = name ? `${group.title} ${name}` : group.title;
        this.off = new Set(group.off);
        this.place = make("div", { className: "plot" });
        this.place.setAttribute("role", "img");
        this.legend = make("ul", { className: "legend" });
        /** Where the value of a series is shown, by its label. */
        this.values = new Map();
        const unit = group.unit ? [make("small", {}, group.unit)] : [];
        const heading = make("h2", {}, this.title, " ", ...unit);
        this.element = make("section", { className: "panel" }, heading, this.place, this.legend);
        this.element.setAttribute("aria-label", this.title);
    }

    /** All series of the panel, in the order of the group or of the records. */
    #series() {
        const { group, name, looks } = this;
        const found = looks.view.names(group.id).get(name) ?? [];
        const first = group.stacked ?? [];
        const inOrder = [
            ...first.filter((label) => found.includes(label)),
            ...found.filter((label) => !first.includes(label)),
        ];
        const hasMirror = inOrder.includes(group.mirrored);
        const series = inOrder.map((label, colour) => ({
            label,
            colour,
            key: key(group.id, name, label),
            isStacked: first.includes(label),
            isBelow: hasMirror ? label === group.mirrored : undefined,
        }));
        return series.length > MOST ? largest(series, looks.view) : series;
    }

    /** Draws it anew, as a plot or as a table. */
    draw(asTable) {
        const all = this.#series();
        const series = all.filter(({ label }) => !this.off.has(label));
        const shown = series.map(({ key }) => key).join("\n");
        this.element.classList.toggle("as-table", asTable);
        if (asTable) {
            this.clear();
            this.place.replaceChildren(table(this.group, this.title, series, this.looks));
            this.place.removeAttribute("role");
            return;
        }
        const { from, to, view } = this.looks;
        this.#data = pick(
            view.between(from, to),
            series.map(({ key }) => key),
            {
                from,
                to,
                pixels: Math.max(100, this.place.clientWidth - 66),
                isRate: this.group.isRate,
                stacked: series.filter(({ isStacked }) => isStacked).length,
            },
        );
        this.series = series;
        this.#fillLegend(all);
        if (this.#plot && shown === this.#shown) {
            this.#plot.setData(shaped(series, this.#data));
        } else {
            this.clear();
            this.place.replaceChildren();
            this.place.setAttribute("role", "img");
            this.#plot = plot(this.place, this.group, series, this.#data, this.looks, (row) => this.#point(row));
            this.#shown = shown;
        }
        this.#point(this.#plot.cursor.idx ?? null);
        this.place.setAttribute("aria-label", this.#summary());
    }

    /** Takes the plot away: it will be drawn anew, in new colours or with other series. */
    clear() {
        this.#plot?.destroy();
        this.#plot = undefined;
    }

    fit() {
        const width = this.place.clientWidth;
        if (this.#plot && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#plot.height });
    }

    /** Puts the cursor at a time; undefined: nowhere. */
    pointAt(time) {
        const left = time === undefined ? -10 : this.#plot?.valToPos(time, "x");
        this.#plot?.setCursor({ left, top: 10 }, true, false);
    }

    #fillLegend(all) {
        const labels = all.map(({ label }) => label).join("\n");
        if (labels === this.labels) return;
        this.labels = labels;
        this.values = new Map();
        const items = all.map(({ label, colour }) => {
            const swatch = make("i");
            swatch.style.background = `var(--series-${colour % colours.series.length})`;
            const value = make("b");
            this.values.set(label, value);
            const button = make("button", { type: "button", title: "show or hide" }, swatch, label, value);
            const press = () => button.setAttribute("aria-pressed", String(!this.off.has(label)));
            press();
            button.addEventListener("click", () => {
                if (!this.off.delete(label)) this.off.add(label);
                press();
                this.draw(false);
            });
            return make("li", {}, button);
        });
        this.legend.replaceChildren(...items);
    }

    /** Shows the values at a row of the data, or without one the last values. */
    #point(row) {
        if (row !== null) this.looks.pointed(this.#data[0][row]);
        for (const value of this.values.values()) value.textContent = "";
        for (const [at, { label }] of this.series.entries()) {
            const values = this.#data[at + 1];
            const value = row === null ? values.findLast((value) => value !== null) : values[row];
            this.values.get(label).textContent = readable(value, this.group.unit);
        }
    }

    #summary() {
        const said = this.series.map(({ label }, at) => {
            const values = this.#data[at + 1].filter((value) => value !== null);
            const [least, most] = [
                values.reduce((a, b) => Math.min(a, b), Infinity),
                values.reduce((a, b) => Math.max(a, b), -Infinity),
            ];
            return values.length
                ? `${label} ${readable(least, this.group.unit)} to ${readable(most, this.group.unit)}`
                : `${label}: nothing`;
        });
        return `${this.title}: ${said.join(", ")}`;
    }
}

/** Whether a panel is to be on the page: a quiet one, or an interface, only with something other than 0. */
export function isWanted({ quiet, each }, keys, { view }) {
    return (
        !(quiet || each) ||
        view.days.some((day) => keys.some((key) => day.columns.get(key)?.some((value) => value > 0)))
    );
}

function largest(series, view) {
    const most = ({ key }) =>
        Math.max(
            ...view.days.map((day) =>
                (day.columns.get(key) ?? []).reduce((one, other) => (other > one ? other : one), 0),
            ),
        );
    const kept = new Set([...series].sort((one, other) => most(other) - most(one)).slice(0, MOST));
    return series.filter((each) => kept.has(each)).map((each, colour) => ({ ...each, colour }));
}
