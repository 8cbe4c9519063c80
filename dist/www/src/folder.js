// Which logs are there: as the script or the web server lists them. Where neither does, names are asked for, and as few as
// can be: for each that is not there a browser writes a line to its console.

import { bytes, exists, request } from "./bytes.js";
import { Lines } from "./lines.js";
import { dayOf, inOrder, later, parse } from "./names.js";
import { unpacked } from "./reading.js";
import { Sample } from "./sample.js";
import { viewerOffset } from "./zones.js";

/** Where nothing is listed: the days beside the viewer's whose logs are asked for until one is there. */
const NEAR = [0, 1, -1];
/** The day of a clock that nobody has set. */
const UNSET = "1970-01-01";
/** Where nothing is listed: days that can be picked. */
const DAYS = 31;
/** A log that begins so many seconds after midnight, and after the boot, can have older parts. */
const LATE = 300;
/** Their numbers that are asked for, and if one is there, those around it: three at least are kept (`--max-bytes`). */
const PARTS = [1, 4, 7, 10, 13, 16];

export class Folder {
    /**
     * @param {string} url ends in `/`, or is empty: the page's own, which has no list but the page
     * @param {string} prefix
     * @param {string} suffix
     * @param {string} cgi the script, if there is one
     */
    constructor(url, prefix, suffix, cgi) {
        Object.assign(this, { url, prefix, suffix, cgi });
        this.lists = [cgi && (() => this.#ofScript()), url && (() => this.#ofServer())].filter(Boolean);
    }

    urlOf(name) {
        return this.url + encodeURIComponent(name);
    }

    /** The name of the log in which a day goes on. */
    nameOf(day) {
        return `${this.prefix}${day}${this.suffix}.log`;
    }

    #has(name) {
        return exists(this.urlOf(name));
    }

    /** All logs, in order of time; undefined: nothing is listed. @returns {Promise<import("./names.js").Name[] | undefined>} */
    async #listed() {
        for (const list of [...this.lists]) {
            const found = await list();
            if (found) {
                this.lists = [list];
                return found.filter(Boolean).sort(inOrder);
            }
            this.lists.shift();
        }
        return undefined;
    }

    /** The script knows which prefix and suffix they have. Not every server runs it: some send its text. */
    async #ofScript() {
        const response = await request(`${this.cgi}?names`);
        const text = await response.text();
        if (!response.ok || !/^text\/plain/.test(response.headers.get("Content-Type")) || /^#!/.test(text))
            return (this.cgi = undefined);
        const found = text.split("\n").map((name) => parse(name));
        Object.assign(this, found.find(Boolean)?.parts);
        return found;
    }

    async #ofServer() {
        const response = await request(this.url);
        if (!response.ok || !/html/.test(response.headers.get("Content-Type"))) return undefined;
        const { links } = new DOMParser().parseFromString(await response.text(), "text/html");
        const found = Array.from(links, (link) => parse(lastPart(link.getAttribute("href")), this.prefix, this.suffix));
        return found.some(Boolean) ? found : undefined;
    }

    /** The logs of a day, in order of time. @returns {Promise<import("./reading.js").Log[]>} */
    async files(day) {
        const listed = await this.#listed();
        const names = listed?.filter((file) => file.day === day) ?? (await this.#asked(day));
        return names.sort(inOrder).map((file) => ({ ...file, source: this.urlOf(file.name) }));
    }

    async #asked(day) {
        const log = this.nameOf(day);
        const names = [];
        let first;
        let ending = "";
        for (const name of [log, `${log}.gz`]) {
            const begin = await this.#first(name);
            if (!begin) continue;
            names.push(name);
            first = begin;
            ending = name.slice(log.length);
            if (begin.isEarly) break;
        }
        if (first && !first.isEarly && !(first.uptime < LATE)) names.push(...(await this.#parts(log, ending)));
        return names.map((name) => parse(name, this.prefix, this.suffix));
    }

    async #parts(log, ending) {
        const name = (part) => `${log}.${part}${ending}`;
        const found = [];
        for (const start of PARTS) {
            if (!(await this.#has(name(start)))) continue;
            found.push(name(start));
            for (const step of [-1, 1])
                for (let part = start + step; part > 0 && (await this.#has(name(part))); part += step)
                    found.push(name(part));
            break;
        }
        return found;
    }

    /** When a log begins; undefined: it is not there. */
    async #first(name) {
        const answer = await bytes(this.urlOf(name), 0);
        if (answer.kind === "none") return undefined;
        let first;
        const lines = new Lines((line) => (first ??= Sample.of(line)));
        for await (const piece of unpacked(name, answer.body)) {
            lines.push(piece);
            if (first || lines.taken > 0) break;
        }
        const { time, offset, uptime } = first ?? {};
        return { uptime, isEarly: (time + 60 * offset) % 86400 < LATE };
    }

    /** The newest day; undefined: there is none. */
    async newest() {
        const listed = await this.#listed();
        if (listed) return newestOf(listed);
        for (const day of [...NEAR.map((days) => later(today(), days)), UNSET]) {
            const log = this.nameOf(day);
            if ((await this.#has(log)) || (day < today() && (await this.#has(`${log}.gz`)))) return day;
        }
        return undefined;
    }

    /** The day with which the router goes on behind one that is over; undefined: there is none yet. */
    async after(day, offset) {
        const listed = await this.#listed();
        const newest = listed ? newestOf(listed) : today(offset);
        return newest > day && (listed || (await this.#has(this.nameOf(newest)))) ? newest : undefined;
    }

    /** The days that have logs, the newest first; where nothing is listed, those that could have. */
    async days(newest = "") {
        const listed = await this.#listed();
        if (listed) return [...new Set(listed.map(({ day }) => day))].reverse();
        const last = newest > today() ? newest : today();
        return Array.from({ length: DAYS }, (_, back) => later(last, -back));
    }
}

/** The day it is, at an offset from UTC in seconds, by default the viewer's. */
function today(offset = viewerOffset(Date.now() / 1000)) {
    return dayOf(Date.now() / 1000 + offset);
}

/** The newest of the logs' days, but for those of a clock that was ahead: no zone is ahead of UTC by more than 14 hours. */
function newestOf(listed) {
    return (listed.findLast(({ day }) => day <= today(14 * 3600)) ?? listed.at(-1))?.day;
}

function lastPart(href) {
    try {
        return decodeURIComponent(href.replace(/^.*\//, ""));
    } catch {
        return "";
    }
}
