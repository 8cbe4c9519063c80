// What of a record is plotted: values as they are, counts since the boot, and shares of counts.
//
// Each has a series' key: its plot's group, the name of what it tells of (an interface), and the series' own name.

const TICKS = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

export const key = (group, name, series) => `${group}\n${name}\n${series}`;

export class Sample {
    /** @type {Map<string, number>} */
    values = new Map();
    /** Their rates are plotted. @type {Map<string, number>} */
    counts = new Map();
    /** In per cent, how much of what a whole grew by was the part's. @type {Map<string, {part: number, whole: number}>} */
    shares = new Map();

    /** @param {string} line `<timestamp> - {JSON}` */
    static of(line) {
        const start = line.indexOf(" - {");
        if (start < 0) return undefined;
        try {
            // pymonitor's lines have blanks here, and hundredths of some counts.
            return new Sample(JSON.parse(line.slice(start + 3)), line.startsWith('{"time": ', start + 3));
        } catch {
            return undefined;
        }
    }

    constructor(record, pymonitor) {
        const { timestamp, time } = record;
        /** In seconds since 1970, with the microseconds that only `time` has. */
        this.time = timestamp + Number(/\.\d+$/.exec(time)?.[0] ?? 0);
        if (typeof timestamp !== "number" || !(Math.abs(this.time) < 1e11)) throw new TypeError("no time");
        /** The router's local time less UTC, in minutes. */
        this.offset = Math.round((Date.parse(`${time.slice(0, 19)}Z`) / 1000 - Math.floor(timestamp)) / 60) || 0;
        /** The day in whose log it belongs. */
        this.date = time.slice(0, 10);
        this.uptime = number(record.uptime?.total);
        this.#stat(record.cpu_data ?? {}, pymonitor);
        this.#loadavg(record.loadavg ?? {});
        this.#meminfo(record.meminfo ?? {});
        this.#network(record);
        this.#storage(record);
        this.#sensors(record);
        this.#kernel(record);
    }

    #stat(stat, pymonitor) {
        const cpu = stat.cpu_total ?? {};
        const whole = sum(cpu, TICKS);
        this.#share("cpu", "", "user", sum(cpu, ["user", "nice"]), whole);
        this.#share("cpu", "", "system", cpu.system, whole);
        this.#share("cpu", "", "iowait", cpu.iowait, whole);
        this.#share("cpu", "", "softirq", sum(cpu, ["irq", "softirq"]), whole);
        this.#share("cpu", "", "steal", cpu.steal, whole);
        for (const each of stat.cpus ?? []) {
            const busy = sum(each, TICKS) - sum(each, ["idle", "iowait"]);
            this.#share("cpus", "", each.name, busy, sum(each, TICKS));
        }
        this.#count("switches", "", "interrupts", pymonitor ? stat.intr?.total / 100 : stat.intr?.total);
        this.#count("switches", "", "context switches", stat.ctxt);
        this.#value("tasks", "", "running", stat.procs_running);
        this.#value("tasks", "", "blocked", stat.procs_blocked);
        if (!pymonitor) this.#count("started", "", "started", stat.processes);
    }

    #loadavg(load) {
        this.#value("load", "", "1 min", load.loadavg_1m);
        this.#value("load", "", "5 min", load.loadavg_5m);
        this.#value("load", "", "15 min", load.loadavg_15m);
        this.#value("processes", "", "all", load.total_procs);
    }

    #meminfo(meminfo) {
        const bytes = (name) => number(meminfo[name]?.value) * 1024;
        const reclaimable = bytes("SReclaimable") || 0;
        const cached = bytes("Cached") + reclaimable;
        this.#value("memory", "", "used", bytes("MemTotal") - bytes("MemFree") - bytes("Buffers") - cached);
        this.#value("memory", "", "buffers", bytes("Buffers"));
        this.#value("memory", "", "cached", cached);
        this.#value("memory", "", "available", bytes("MemAvailable"));
        if (bytes("SwapTotal") > 0) this.#value("swap", "", "used", bytes("SwapTotal") - bytes("SwapFree"));
    }

    #network(record) {
        for (const [name, device] of rows(record.netdev)) {
            this.#count("network", name, "down", 8 * device.receive_bytes);
            this.#count("network", name, "up", 8 * device.transmit_bytes);
            this.#count(
                "drops",
                "",
                name,
                sum(device, ["receive_errs", "receive_drop", "transmit_errs", "transmit_drop"]),
            );
        }
        this.#value("connections", "", "open", record.conntrack?.count);
        this.#value("connections", "", "at most", record.conntrack?.max);
        this.#value("sockets", "", "TCP", record.sockstat?.TCP?.inuse);
        this.#value("sockets", "", "TCP, time-wait", record.sockstat?.TCP?.tw);
        this.#value("sockets", "", "UDP", record.sockstat?.UDP?.inuse);
        const softnet = rows(record.softnet).map(([, cpu]) => cpu);
        for (const [series, column] of [
            ["dropped", "dropped"],
            ["cut short", "time_squeeze"],
        ]) {
            if (softnet.length)
                this.#count(
                    "softnet",
                    "",
                    series,
                    softnet.reduce((all, cpu) => all + cpu[column], 0),
                );
        }
    }

    #storage(record) {
        const disks = rows(record.diskstats);
        for (const [name, disk] of disks) {
            if (disks.some(([whole]) => isPartition(name, whole))) continue;
            this.#count("disk", name, "read", 512 * disk.sectors_read);
            this.#count("disk", name, "written", 512 * disk.sectors_written);
            this.#count("busy", "", name, disk.ms_io / 10);
        }
        for (const [point, { size, free, avail }] of rows(record.filesystem)) {
            // As df(1): of what is free, some is for root alone.
            if (size > 0) this.#value("filesystem", "", point, (100 * (size - free)) / (size - free + avail));
        }
        for (const [device, { max_ec }] of rows(record.flash)) this.#value("flash", "", device, max_ec);
        this.#count("paging", "", "in", 1024 * record.vmstat?.pgpgin);
        this.#count("paging", "", "out", 1024 * record.vmstat?.pgpgout);
        this.#count("faults", "", "major faults", record.vmstat?.pgmajfault);
    }

    #sensors(record) {
        for (const [zone, { type, temp }] of rows(record.thermal_zone)) {
            this.#value("temperature", "", `${type ?? "zone"} ${zone}`, temp / 1000);
        }
        for (const [chip, sensors] of rows(record.hwmon)) {
            for (const [sensor, value] of Object.entries(sensors)) {
                if (sensor === "name") continue;
                if (/fan/i.test(sensor)) this.#value("fan", "", `${chip} ${sensor}`, value);
                else this.#value("temperature", "", `${chip} ${sensor.replace(/_input$/, "")}`, value / 1000);
            }
        }
    }

    #kernel(record) {
        for (const [resource, { some, full }] of rows(record.pressure)) {
            this.#count("pressure", "", resource, (some ?? full)?.total / 10_000);
        }
        this.#value("files", "", "open", record.filefd?.allocated);
    }

    #value(group, name, series, value) {
        set(this.values, key(group, name, series), number(value));
    }

    #count(group, name, series, value) {
        set(this.counts, key(group, name, series), number(value));
    }

    #share(group, name, series, part, whole) {
        if (Number.isFinite(number(part))) this.shares.set(key(group, name, series), { part: number(part), whole });
    }
}

const set = (map, name, value) => Number.isFinite(value) && map.set(name, value);

const number = (value) => (value === null || value === "" ? NaN : Number(value));

const rows = (object) => Object.entries(object ?? {});

const sum = (object, names) => names.reduce((all, name) => all + (object[name] ?? 0), 0);

const isPartition = (name, disk) => name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length));

/**
 * What a record says with the one before it: values, and what counts and shares grew by.
 *
 * @param {Sample} sample
 * @param {Sample} [before] of the same boot
 * @returns {Iterable<[string, number]>}
 */
export function* measured(sample, before) {
    yield* sample.values;
    if (!before) return;
    const seconds = sample.uptime - before.uptime || sample.time - before.time;
    for (const [name, count] of sample.counts) {
        const grown = count - before.counts.get(name);
        // A counter that went back belongs to an interface that was made anew.
        if (grown >= 0 && seconds > 0) yield [name, grown / seconds];
    }
    for (const [name, { part, whole }] of sample.shares) {
        const was = before.shares.get(name);
        // The kernel's iowait can go back.
        if (was && whole > was.whole) yield [name, (100 * Math.max(0, part - was.part)) / (whole - was.whole)];
    }
}
