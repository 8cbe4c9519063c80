// Which logs are there: as the server lists them, or where it does not, by asking for one name after the other.

import { bytes, each, exists } from "./bytes.js";
import { Lines } from "./lines.js";
import { dayOf, inOrder, later, parse } from "./names.js";
import { Sample } from "./sample.js";

/** Days back for which names are asked for, and so many days without a log after which no more are. */
const DAYS = 31;
const HOLE = 7;
/** Names that are asked for at a time. */
const AT_ONCE = 4;
/** Older parts of a day that are asked for, and so many more for as long as some are there. */
const PARTS = 16;
/** A day's log that begins so many seconds after midnight can have older parts. */
const LATE = 300;

export class Folder {
    /** @param {string} url ends in `/`, or is empty: the page's own, which has no list but the page */
    constructor(url, prefix, suffix) {
        Object.assign(this, { url, prefix, suffix });
    }

    urlOf(name) {
        return this.url + encodeURIComponent(name);
    }

    /** The name of the log in which a day goes on. */
    nameOf(day) {
        return `${this.prefix}${day}${this.suffix}.log`;
    }

    async #has(...names) {
        const there = await Promise.all(names.map((name) => exists(this.urlOf(name))));
        return there.includes(true);
    }

    /** What the server lists. @returns {Promise<import("./names.js").Name[]>} */
    async #listed() {
        if (!this.url || this.listsNot) return [];
        const response = await fetch(this.url, { cache: "no-store" }).catch(() => undefined);
        const isPage = response?.ok && /html/.test(response.headers.get("Content-Type"));
        const links = isPage ? new DOMParser().parseFromString(await response.text(), "text/html").links : [];
        const names = Array.from(links, (link) => parse(lastPart(link.getAttribute("href")), this.prefix, this.suffix));
        const found = names.filter((name) => name !== undefined).sort(inOrder);
        this.listsNot = found.length === 0;
        return found;
    }

    /** The logs of a day, in order of time. @returns {Promise<import("./reading.js").Log[]>} */
    async files(day) {
        const listed = await this.#listed();
        const names = this.listsNot || !this.url ? await this.#asked(day) : listed.filter((file) => file.day === day);
        return names.sort(inOrder).map((file) => ({ ...file, source: this.urlOf(file.name) }));
    }

    async #asked(day) {
        const log = this.nameOf(day);
        const begins = await this.#begin(log);
        const names = begins === undefined ? [] : [log];
        if (begins === undefined || begins > LATE) {
            names.push(...(await this.#there([`${log}.gz`])));
            for (let part = 1, before = names.length - 1; part === 1 || names.length > before; part += PARTS) {
                before = names.length;
                const parts = Array.from({ length: PARTS }, (_, at) => `${log}.${part + at}`);
                names.push(...(await this.#there(parts.flatMap((name) => [name, `${name}.gz`]))));
            }
        }
        return names.map((name) => parse(name, this.prefix, this.suffix));
    }

    async #there(names) {
        const found = [];
        for (let at = 0; at < names.length; at += AT_ONCE) {
            const asked = names.slice(at, at + AT_ONCE);
            const there = await Promise.all(asked.map((name) => exists(this.urlOf(name))));
            found.push(...asked.filter((_, at) => there[at]));
        }
        return found;
    }

    /** How many seconds after the router's midnight a log begins; undefined: it is not there. */
    async #begin(name) {
        const answer = await bytes(this.urlOf(name), 0);
        if (answer.kind === "none") return undefined;
        let first;
        const lines = new Lines((line) => (first ??= Sample.of(line)));
        for await (const piece of each(answer.body)) {
            lines.push(piece);
            if (first || lines.taken > 0) break;
        }
        return first ? (first.time + 60 * first.offset) % 86400 : Infinity;
    }

    /** The newest day; undefined: there is none. */
    async newest() {
        const listed = await this.#listed();
        if (listed.length > 0) return listed.at(-1).day;
        // The router's date can be that of any zone.
        const ahead = dayOf(Date.now() / 1000 + 14 * 3600);
        for (let back = 0; back < DAYS; back += 3) {
            const days = [0, 1, 2].map((more) => later(ahead, -back - more));
            const there = await Promise.all(days.map((day) => this.#hasDay(day)));
            if (there.includes(true)) return days[there.indexOf(true)];
        }
        return undefined;
    }

    #hasDay(day) {
        return this.#has(this.nameOf(day)).then((has) => has || this.#has(`${this.nameOf(day)}.gz`));
    }

    /** The days that have logs, the newest first, of the last 31 where they are not listed. */
    async days(newest) {
        const listed = await this.#listed();
        if (listed.length > 0) return [...new Set(listed.map(({ day }) => day))].reverse();
        const found = [newest];
        for (let back = 1; back < DAYS && later(found.at(-1), -HOLE) < later(newest, 1 - back); back += AT_ONCE) {
            const days = Array.from({ length: AT_ONCE }, (_, more) => later(newest, -back - more));
            const there = await Promise.all(days.map((day) => this.#hasDay(day)));
            found.push(...days.filter((_, at) => there[at]));
        }
        return found;
    }
}

function lastPart(href) {
    try {
        return decodeURIComponent(href.replace(/^.*\//, ""));
    } catch {
        return "";
    }
}
