// Asks a server, or a file of this computer, for its bytes from one of them on.

/**
 * @typedef {object} Answer
 * @property {"bytes" | "same" | "none"} kind `same`: as when it had this ETag; `none`: no such file, or not as long
 * @property {number} [start] the place in the file of the first byte of `body`
 * @property {number} [length] of `body`, as far as is known
 * @property {ReadableStream<Uint8Array>} [body]
 * @property {boolean} [ranges] whether the server knows ranges
 * @property {string} [etag]
 */

/**
 * @param {string | File} source
 * @param {number} from
 * @param {string} [etag]
 * @returns {Promise<Answer>}
 */
export async function bytes(source, from, etag) {
    if (source instanceof File) {
        const part = source.slice(from);
        return { kind: "bytes", start: from, length: part.size, body: part.stream() };
    }
    // Always a range: a browser then asks for the file as it is. busybox httpd sends `x.gz` for `x` to others.
    const headers = { Range: `bytes=${from}-` };
    if (etag) headers["If-None-Match"] = etag;
    const response = await request(source, { headers });
    if (response.status === 304) return { kind: "same" };
    if (!response.ok) return { kind: "none" };
    const [, start] = /^bytes (\d+)-/.exec(response.headers.get("Content-Range") ?? "") ?? [];
    return {
        kind: "bytes",
        start: response.status === 206 ? Number(start ?? from) : 0,
        length: Number(response.headers.get("Content-Length")) || 0,
        body: response.body,
        ranges: response.status === 206,
        etag: response.headers.get("ETag") ?? undefined,
    };
}

/** Whether a file is there. */
export async function exists(url) {
    const headers = { Range: "bytes=0-" };
    return (await request(url, { method: "HEAD", headers })).ok;
}

/** A connection on which uhttpd sent more than it had promised is of no use for the next request, but a new one is. */
export async function request(url, options) {
    const ask = () => fetch(url, { ...options, cache: "no-store" });
    return ask().catch(ask);
}

/** All pieces, in one array. */
export async function whole(pieces) {
    const parts = [];
    for await (const piece of pieces) parts.push(piece);
    return joined(...parts);
}

export function joined(...parts) {
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}

/** The pieces of a stream; not every browser can do `for await` with one. */
export async function* each(stream) {
    const reader = stream.getReader();
    try {
        for (let next; !(next = await reader.read()).done;) yield next.value;
    } finally {
        reader.cancel().catch(() => {});
    }
}
