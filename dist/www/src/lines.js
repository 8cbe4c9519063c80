// Takes a stream apart into lines. What has no newline yet is waited for, and what is too long for a record is skipped.

import { joined } from "./bytes.js";

/** Bytes of the longest line. The largest record has less. */
const LONGEST = 2 * 1024 * 1024;
const NEWLINE = 10;
const NOTHING = new Uint8Array(0);
/** Bytes of the tail. */
const OVERLAP = 32;

export class Lines {
    /** Bytes of whole lines so far, and of what was skipped. */
    taken = 0;
    /** The last of these bytes: they tell whether what stands there is still the same. */
    tail = NOTHING;
    skipped = 0;
    #rest = NOTHING;
    #isSkipping = false;
    #decoder = new TextDecoder();

    /** @param {(line: string) => void} take */
    constructor(take) {
        this.take = take;
    }

    /** @param {Uint8Array} piece */
    push(piece) {
        let from = 0;
        for (let end; (end = piece.indexOf(NEWLINE, from)) >= 0; from = end + 1) {
            const line = piece.subarray(from, end + 1);
            this.#line(this.#rest.length ? joined(this.#rest, line) : line);
            this.#rest = NOTHING;
        }
        this.#rest = joined(this.#rest, piece.subarray(from));
        if (this.#rest.length > LONGEST || this.#isSkipping) this.#skip();
    }

    /** Forgets what stands behind the last newline: it will come again. */
    end() {
        this.#rest = NOTHING;
    }

    /** @param {Uint8Array} bytes with their newline */
    #line(bytes) {
        if (bytes.length > LONGEST && !this.#isSkipping) this.skipped += 1;
        else if (!this.#isSkipping) this.take(this.#decoder.decode(bytes.subarray(0, -1)));
        this.#isSkipping = false;
        this.#took(bytes);
    }

    #skip() {
        if (!this.#isSkipping) this.skipped += 1;
        this.#isSkipping = true;
        this.#took(this.#rest);
        this.#rest = NOTHING;
    }

    #took(bytes) {
        this.taken += bytes.length;
        if (bytes.length > 0) this.tail = bytes.slice(-OVERLAP);
    }
}
