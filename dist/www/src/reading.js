// Reads the logs of a day, from a server or from files of this computer, and follows the one that grows.

import { bytes, each, request, whole } from "./bytes.js";
import { Day } from "./day.js";
import { inflate, isGzip } from "./gzip.js";
import { Lines } from "./lines.js";
import { Sample } from "./sample.js";

/** Milliseconds after which the browser has its turn. */
const TURN = 30;

/**
 * @typedef {import("./names.js").Name & { source: string | File }} Log
 *
 * @param {string} name of the day
 * @param {Log[]} logs in order of time
 * @param {(share: number) => void} progress is told how much of the day was read, at most 1
 * @returns {Promise<{ day: Day, last?: Read } | undefined>} undefined: a log is not there any more
 */
export async function readDay(name, logs, progress) {
    const day = new Day(name);
    const moving = logs.find((log) => log.movesTo !== undefined);
    let last;
    for (const [at, log] of logs.entries()) {
        const answer = await bytes(log.source, 0);
        if (answer.kind === "none") return undefined;
        const lines = linesTo(day);
        const body = counted(answer, (share) => progress((at + share) / logs.length));
        let turn = performance.now();
        for await (const piece of unpacked(log.name, body, moving?.movesTo, () => (day.skipped += 1))) {
            lines.push(piece);
            if (performance.now() - turn < TURN) continue;
            await new Promise(setTimeout);
            turn = performance.now();
        }
        lines.end();
        day.skipped += lines.skipped;
        last = { log, lines, etag: answer.etag, ranges: answer.ranges };
    }
    return { day, last };
}

/** @typedef {{ log: Log, lines: Lines, etag?: string, ranges?: boolean }} Read how far a log was read */

function linesTo(day) {
    return new Lines((line) => {
        const sample = Sample.of(line);
        if (sample) day.add(sample);
        else day.skipped += 1;
    });
}

async function* counted({ body, length }, progress) {
    let read = 0;
    for await (const piece of each(body)) {
        yield piece;
        read += piece.length;
        progress(Math.min(1, read / length) || 0);
    }
}

/** Where text moves to the end of the `.gz`, what stands there from byte `end` on is a copy in the making. */
export async function* unpacked(name, body, end, damaged = () => {}) {
    const all = name.endsWith(".gz") && (await whole(body));
    if (all && isGzip(all)) yield* inflate(all.subarray(0, end), damaged);
    // A server that called it an encoding had the browser inflate it.
    else if (all) yield all;
    else yield* body;
}

/**
 * Reads what a log has more than when it was read.
 *
 * @param {Read} read
 * @returns {Promise<boolean>} false: it is another file now, or gone
 */
export async function readMore(read) {
    const { log, lines } = read;
    const { tail } = lines;
    const answer = await bytes(log.source, lines.taken - tail.length, read.etag);
    if (answer.kind !== "bytes") return answer.kind === "same";
    // Without ranges all that was read comes again.
    let toSkip = lines.taken - tail.length - answer.start;
    let compared = 0;
    if (toSkip < 0) return false;
    for await (let piece of each(answer.body)) {
        const skipped = Math.min(toSkip, piece.length);
        toSkip -= skipped;
        piece = piece.subarray(skipped);
        const old = Math.min(tail.length - compared, piece.length);
        for (let at = 0; at < old; at += 1) if (piece[at] !== tail[compared + at]) return false;
        compared += old;
        if (piece.length > old) lines.push(piece.subarray(old));
    }
    lines.end();
    if (toSkip > 0 || compared < tail.length) return false;
    read.etag = answer.etag;
    return true;
}

/**
 * The same by a script that answers with the lines since a time. What is of another day is left for that.
 *
 * @param {Day} day
 * @returns {Promise<boolean | undefined>} undefined: there is no such script; false: lines are missing in between
 */
export async function readSince(cgi, day) {
    const since = day.last.time;
    const response = await request(`${cgi}?since=${Math.floor(since)}`);
    if (!response.ok || !/^text\/plain/.test(response.headers.get("Content-Type"))) return undefined;
    let isJoined = false;
    const lines = new Lines((line) => {
        const sample = Sample.of(line);
        isJoined ||= sample?.time === since;
        if (isJoined && sample?.date === day.name) day.add(sample);
    });
    for await (const piece of each(response.body)) lines.push(piece);
    return isJoined;
}
