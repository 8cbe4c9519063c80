// What procline-show makes of a log: the metrics that it gives Prometheus, and its table. The page has to show the same.

import { execFileSync } from "node:child_process";

const SHOW = process.env.SHOW ?? new URL("../../target/release/procline-show", import.meta.url).pathname;

/** Of so many seconds without a record the page tells nothing; procline-show tells the mean. */
const GAP = 150;

export const show = (...words) => execFileSync(SHOW, words, { encoding: "utf8", maxBuffer: 1e9 });

/** All values of each metric with its labels, oldest first; those of `time` are the timestamps. */
function metrics(log) {
    const found = new Map([["time", []]]);
    for (const [, name, value, time] of show("--prometheus", "--timestamps", log).matchAll(/^(\S+) (\S+) (\d+)$/gm)) {
        found.set(name, [...(found.get(name) ?? []), Number(value)]);
        if (name === "node_intr_total") found.get("time").push(Math.floor(time / 1000));
    }
    return found;
}

const summed = (columns) => columns[0].map((_, row) => columns.reduce((all, column) => all + column[row], 0));

/**
 * What the tables of the page have to show, by title and column: the values of all records, oldest first, null where there
 * is none. Rates are reckoned from what procline-show read.
 *
 * @param {string} log with a record each minute
 */
export function figures(log) {
    const all = metrics(log);
    const of = (name, labels = "") => {
        const values = all.get(`node_${name}${labels}`);
        if (!values) throw new Error(`procline-show has no node_${name}${labels}`);
        return values;
    };
    const labels = (name, label) =>
        [...all.keys()].flatMap((key) => (key.startsWith(`node_${name}{`) ? [key.match(`${label}="(.*?)"`)[1]] : []));
    const times = all.get("time");
    const idle = summed(labels("cpu_seconds_total", "cpu").map((cpu) => cpuOf(cpu, "idle")));

    function cpuOf(cpu, mode) {
        return of("cpu_seconds_total", `{cpu="${cpu}",mode="${mode}"}`);
    }

    /** What values grew by, unless there is a gap or the machine was started. */
    function grown(values) {
        return values.map((value, row) => {
            const isBroken = row === 0 || times[row] - times[row - 1] > GAP || idle[row] < idle[row - 1];
            return isBroken || value < values[row - 1] ? null : value - values[row - 1];
        });
    }

    function rate(values) {
        return grown(values).map((more, row) => (more === null ? null : more / (times[row] - times[row - 1])));
    }

    function share(parts, whole) {
        const all = grown(summed(whole));
        return grown(summed(parts)).map((more, row) => (more === null ? null : (100 * more) / all[row]));
    }

    const cpus = [...new Set(labels("cpu_seconds_total", "cpu"))];
    const modes = (...names) => names.flatMap((mode) => cpus.map((cpu) => cpuOf(cpu, mode)));
    const every = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
    const memory = (name) => of(`memory_${name}_bytes`);
    const cached = summed([memory("Cached"), memory("SReclaimable")]);
    const free = summed([memory("MemFree"), memory("Buffers"), cached]);
    const bits = (device, way) =>
        rate(of(`network_${way}_bytes_total`, `{device="${device}"}`)).map((bytes) => bytes && 8 * bytes);
    const disk = (device, name) => rate(of(`disk_${name}_total`, `{device="${device}"}`));
    const byName = (names, values) => Object.fromEntries(names.map((name) => [name, values(name)]));
    return {
        CPU: {
            user: share(modes("user", "nice"), modes(...every)),
            system: share(modes("system"), modes(...every)),
            iowait: share(modes("iowait"), modes(...every)),
            softirq: share(modes("irq", "softirq"), modes(...every)),
            steal: share(modes("steal"), modes(...every)),
        },
        "CPU by core": Object.fromEntries(
            cpus.map((cpu) => {
                const [whole, waiting] = [every, ["idle", "iowait"]].map((names) =>
                    names.map((mode) => cpuOf(cpu, mode)),
                );
                return [`cpu${cpu}`, share(waiting, whole).map((idle) => (idle === null ? null : 100 - idle))];
            }),
        ),
        Load: { "1 min": of("load1"), "5 min": of("load5"), "15 min": of("load15") },
        Memory: {
            used: memory("MemTotal").map((total, row) => total - free[row]),
            buffers: memory("Buffers"),
            cached,
            available: memory("MemAvailable"),
        },
        ...Object.fromEntries(
            labels("network_receive_bytes_total", "device").map((name) => [
                `Network ${name}`,
                { down: bits(name, "receive"), up: bits(name, "transmit") },
            ]),
        ),
        ...Object.fromEntries(
            labels("disk_read_bytes_total", "device").map((name) => [
                `Disk ${name}`,
                { read: disk(name, "read_bytes"), written: disk(name, "written_bytes") },
            ]),
        ),
        "Disks, busy": byName(labels("disk_io_time_seconds_total", "device"), (name) =>
            disk(name, "io_time_seconds").map((seconds) => seconds && 100 * seconds),
        ),
        "Interrupts and context switches": {
            interrupts: rate(of("intr_total")),
            "context switches": rate(of("context_switches_total")),
        },
        "Processes started": { started: rate(of("forks_total")) },
        "Tasks that run or wait": { running: of("procs_running"), blocked: of("procs_blocked") },
        Connections: { open: of("nf_conntrack_entries") },
        Sockets: {
            TCP: of("sockstat_TCP_inuse"),
            "TCP, time-wait": of("sockstat_TCP_tw"),
            UDP: of("sockstat_UDP_inuse"),
        },
        "Open files": { open: of("filefd_allocated") },
        Temperature: Object.fromEntries(
            labels("hwmon_temp_celsius", "chip").map((chip) => [
                `${chip} temp1`,
                of("hwmon_temp_celsius", `{chip="${chip}",sensor="temp1_input"}`),
            ]),
        ),
        "File systems, used": Object.fromEntries(
            [...all.keys()].flatMap((key) => {
                const [, its, point] = /^node_filesystem_size_bytes({mountpoint="(.*?)".*})/.exec(key) ?? [];
                if (!point) return [];
                const [size, free, left] = ["size", "free", "avail"].map((name) => of(`filesystem_${name}_bytes`, its));
                return [[point, size.map((size, row) => (100 * (size - free[row])) / (size - free[row] + left[row]))]];
            }),
        ),
    };
}

/** The page's title and column for the cells of the table, in their order; of bytes, how many of its unit each is. */
const CELLS = {
    cpu: [["CPU", "user"], ["CPU", "system"], ["CPU", "iowait"], ["CPU", "softirq"], ["CPU", "steal"], []],
    tasks: [
        ["Tasks that run or wait", "running"],
        ["Tasks that run or wait", "blocked"],
    ],
    load: [["Load", "1 min"]],
    mem: [["Memory", "available", 1], []],
    "net:eth0": [
        ["Network eth0", "down", 8],
        ["Network eth0", "up", 8],
    ],
    "net:wan": [
        ["Network wan", "down", 8],
        ["Network wan", "up", 8],
    ],
    "disk:mmcblk0": [
        ["Disk mmcblk0", "read", 1],
        ["Disk mmcblk0", "written", 1],
    ],
    hwmon: [["Temperature", "mt7915_phy1 temp1"]],
    "fs:/overlay": [["File systems, used", "/overlay"]],
    "fs:/tmp": [["File systems, used", "/tmp"]],
};

/**
 * The figures of procline-show's table: by the page's title and column of each record, oldest first, what is written there,
 * and the least and most number that is written so.
 *
 * @returns {[string, string, { text: string, least: number, most: number, isBehindGap: boolean }[]][]}
 */
export function cells(log) {
    const [, head, ...rows] = show("--columns", Object.keys(CELLS).join(","), log).trimEnd().split("\n");
    const ends = [...head.matchAll(/\S+ */g)].map((title) => title.index + title[0].trimEnd().length);
    const records = rows.filter((row) => /^\d\d:/.test(row));
    const seconds = records.map((row) =>
        row.split(/[: ]/).reduce((all, part, at) => all + (3600 / 60 ** at) * (at < 3 && part), 0),
    );
    return Object.values(CELLS)
        .flat()
        .flatMap(([title, column, unit], cell) => {
            const read = (row, at) => {
                const text =
                    row
                        .replaceAll("restart", "      -")
                        .slice(ends[cell], ends[cell + 1])
                        .trim() || "-";
                return { text, isBehindGap: seconds[at] - seconds[at - 1] > GAP, ...range(text, unit) };
            };
            return title ? [[title, column, records.map(read)]] : [];
        });
}

/** The numbers that are written as this text. Bytes are rounded, and again to the unit of the letter. */
function range(text, unit) {
    const [, digits, letter] = /^([\d.]+)([kMGT]?)$/.exec(text) ?? [];
    const size = (unit ?? 1) * 1024 ** " kMGT".indexOf(letter || " ");
    const half = 0.501 * 10 ** -(digits?.split(".")[1]?.length ?? 0) * size + (unit ?? 0);
    return { least: digits * size - half, most: digits * size + half };
}
