// Inflates `….gz`: BGZF files member by member, since browsers may refuse a file of several, and others as one.

import { each, whole } from "./bytes.js";

/** Bytes of a member's header up to its field `BC`, which holds its length less 1, and of an empty member. */
const HEADER = 18;

/** The length of the member of BGZF at `at`; 0 if it is none. */
export function memberLength(bytes, at) {
    const [a, b, method, flags] = bytes.subarray(at, at + 4);
    const isBgzf = bytes[at + 12] === 0x42 && bytes[at + 13] === 0x43 && bytes[at + 14] === 2;
    if (a !== 0x1f || b !== 0x8b || method !== 8 || !(flags & 4) || !isBgzf) return 0;
    return bytes[at + 16] + 256 * bytes[at + 17] + 1;
}

export const isGzip = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The text, in pieces. A member that is damaged is left out; one that is torn ends it.
 *
 * @param {Uint8Array} bytes
 * @param {() => void} damaged is called for each one left out
 */
export async function* inflate(bytes, damaged) {
    let at = 0;
    for (let length; (length = memberLength(bytes, at)) >= HEADER && at + length <= bytes.length; at += length) {
        try {
            yield await whole(each(inflated(bytes.subarray(at, at + length))));
        } catch {
            damaged();
        }
    }
    try {
        // Not BGZF: it can be as large as it likes, and is not kept.
        if (at < bytes.length && memberLength(bytes, at) === 0) yield* each(inflated(bytes.subarray(at)));
        else if (at < bytes.length) damaged();
    } catch {
        damaged();
    }
}

function inflated(member) {
    const { readable, writable } = new DecompressionStream("gzip");
    const writer = writable.getWriter();
    // What is wrong with it, the reader is told, too.
    writer.write(member).catch(() => {});
    writer.close().catch(() => {});
    return readable;
}
