// The web servers that the page is tried with: busybox httpd, lighttpd, and one that does what OpenWrt's uhttpd does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
    chmodSync,
    closeSync,
    copyFileSync,
    existsSync,
    fstatSync,
    mkdirSync,
    openSync,
    readFileSync,
    readSync,
    readdirSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";

const SCRIPT = new URL("../../dist/www/lines.cgi", import.meta.url).pathname;

/** What the page has to do with. */
export const POLICY = "default-src 'self' 'unsafe-inline'";

/**
 * @typedef {object} Server
 * @property {string} url of the page
 * @property {string[]} requests of the server that is like uhttpd
 * @property {() => Promise<void>} stop
 */

/** The page and the logs in one folder, or with the script in a folder of their own. @returns {Promise<Server>} */
export async function busybox(folder, { prefix } = {}) {
    const port = await freePort();
    return started("busybox", ["httpd", "-f", "-p", `127.0.0.1:${port}`, "-h", folder], port, "", folder, prefix);
}

/** The page, and the logs in a folder below that is listed, if wanted. @returns {Promise<Server>} */
export async function lighttpd(folder, { isListed = false, isPackaged = false } = {}) {
    const port = await freePort();
    const configuration = join(folder, "..", `lighttpd-${port}.conf`);
    writeFileSync(
        configuration,
        `server.modules = ("mod_setenv", "mod_dirlisting")
        server.document-root = "${folder}"
        server.bind = "127.0.0.1"
        server.port = ${port}
        index-file.names = ("index.html")
        mimetype.assign = (".html" => "text/html", ".log" => "text/plain", "" => "text/plain")
        setenv.add-response-header = ("Content-Security-Policy" => "${POLICY}")
        dir-listing.activate = "${isListed ? "enable" : "disable"}"\n`,
    );
    return started("lighttpd", ["-D", "-f", configuration], port, isListed && !isPackaged ? "?logs=logs/" : "", folder);
}

async function started(program, words, port, query, folder, prefix = "awesome_monitoring_") {
    const path = `${process.env.PATH}:/usr/sbin`;
    const script = { PROCLINE_LOG_PATH: `${folder}/logs`, PROCLINE_LOG_PREFIX: prefix };
    const env = { ...process.env, PATH: path, ...script };
    const child = spawn(program, words, { stdio: "ignore", env });
    const ended = once(child, "exit");
    await untilItListens(port);
    const stop = async () => {
        child.kill();
        await ended;
    };
    return { url: `http://127.0.0.1:${port}/${query}`, stop };
}

async function freePort() {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    await once(server, "close");
    return port;
}

async function untilItListens(port) {
    for (let tries = 0; ; tries += 1) {
        const socket = createConnection(port, "127.0.0.1");
        try {
            await once(socket, "connect");
            return;
        } catch (error) {
            if (tries === 100) throw error;
            await new Promise((resolve) => setTimeout(resolve, 50));
        } finally {
            socket.destroy();
        }
    }
}

/**
 * As uhttpd: no ranges; 412 to If-Range, 304 to If-None-Match; a folder is listed; connections stay open; and of a file that
 * grows while it is sent more comes than Content-Length told. Scripts are in `/cgi-bin/`.
 *
 * @param {string} folder
 * @param {object} options
 * @param {boolean} [options.hasScript] whether lines.cgi is there
 * @param {Buffer} [options.surplus] comes behind each log, as if it had grown meanwhile
 * @returns {Promise<Server>}
 */
export async function uhttpd(folder, { hasScript = true, surplus } = {}) {
    const requests = [];
    const server = createServer((socket) => {
        let head = "";
        socket.on("error", () => {});
        socket.on("data", (piece) => {
            head += piece.toString("latin1");
            for (let end; (end = head.indexOf("\r\n\r\n")) >= 0; head = head.slice(end + 4))
                answer(socket, head.slice(0, end));
        });
    });

    function answer(socket, head) {
        const [request, ...lines] = head.split("\r\n");
        const [method, target] = request.split(" ");
        const headers = Object.fromEntries(
            lines.map((line) => [line.split(":", 1)[0].toLowerCase(), line.replace(/^[^:]*: */, "")]),
        );
        const [path, query = ""] = target.split("?");
        requests.push(`${method} ${decodeURIComponent(target)}`);
        if (path.startsWith("/cgi-bin/")) return hasScript ? script(socket, folder, query) : send(socket, 404);
        let file = join(folder, decodeURIComponent(path));
        if (existsSync(file) && statSync(file).isDirectory()) {
            if (!existsSync(join(file, "index.html")))
                return send(socket, 200, { "Content-Type": "text/html" }, listing(file));
            file = join(file, "index.html");
        }
        if (!existsSync(file)) return send(socket, 404);
        if (headers["if-range"]) return send(socket, 412);
        const descriptor = openSync(file);
        const { ino, size, mtimeMs } = fstatSync(descriptor);
        const tag = `"${ino.toString(16)}-${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`;
        const type = { html: "text/html", log: "text/plain" }[file.split(".").at(-1)] ?? "application/octet-stream";
        const told = { ETag: tag, "Content-Type": type, "Content-Security-Policy": POLICY };
        const content = Buffer.alloc(size);
        readSync(descriptor, content, 0, size, 0);
        closeSync(descriptor);
        if (headers["if-none-match"] === tag) return send(socket, 304, told);
        send(socket, 200, told, content, method === "HEAD");
        if (surplus && type === "text/plain" && method === "GET") socket.write(surplus);
    }

    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    const stop = async () => server.close();
    return { url: `http://127.0.0.1:${port}/`, requests, stop };
}

const REASONS = { 200: "OK", 304: "Not Modified", 404: "Not Found", 412: "Precondition Failed" };

function send(socket, status, headers = {}, content = Buffer.alloc(0), isHead = false) {
    const told = {
        Connection: "Keep-Alive",
        "Keep-Alive": "timeout=20",
        "Content-Length": Buffer.byteLength(content),
        ...headers,
    };
    const lines = Object.entries(told).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${REASONS[status]}\r\n${lines.join("")}\r\n`);
    if (!isHead) socket.write(content);
}

function listing(folder) {
    const rows = readdirSync(folder).map(
        (name) => `<li><strong><a href='/logs/${encodeURIComponent(name)}'>${name}</a></strong></li>`,
    );
    return `<html><body><h1>Index of /logs/</h1><ol>${rows.join("")}</ol></body></html>`;
}

/** The answers of scripts are sent in chunks. */
function script(socket, folder, query) {
    const environment = { PATH: process.env.PATH, QUERY_STRING: query, PROCLINE_LOG_PATH: join(folder, "logs") };
    const child = spawn("busybox", ["sh", SCRIPT], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    const pieces = [];
    child.stdout.on("data", (piece) => pieces.push(piece));
    child.on("close", () => {
        const whole = Buffer.concat(pieces);
        const end = whole.indexOf("\r\n\r\n");
        const head = whole
            .subarray(0, end)
            .toString()
            .replace(/^Status: .*\r\n/, "");
        const content = whole.subarray(end + 4);
        socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${head}\r\n\r\n`);
        if (content.length)
            socket.write(
                Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")]),
            );
        socket.write("0\r\n\r\n");
    });
}

/** A folder with the page and its logs, which are in `logs` there, or beside it; a package's page knows where, and the script. */
export function site(folder, page, { logsBeside = false, isPackaged = false, cgi = "" } = {}) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    const content = readFileSync(page, "utf8");
    const packaged = content.replace('data-logs=""', 'data-logs="logs/"').replace('data-cgi=""', `data-cgi="${cgi}"`);
    writeFileSync(join(folder, "index.html"), isPackaged ? packaged : content);
    mkdirSync(join(folder, "cgi-bin"));
    if (cgi) copyFileSync(SCRIPT, join(folder, "cgi-bin", "procline-lines"));
    if (logsBeside) symlinkSync(".", join(folder, "logs"));
    else mkdirSync(join(folder, "logs"));
    return join(folder, "logs");
}
