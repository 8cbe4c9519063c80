#!/usr/bin/env python3
"""A second reading of a log: the figures that the page has to show, as JSON.

    tests/page/reading.py LOG

For each table of the page and each of its columns: the values of all records, oldest first, null where there is none.
"""
import json
import sys

GAP = 2.5


def counters(record):
    """What is plotted as a rate: {table: {column: value}}."""
    stat = record["cpu_data"]
    tables = {
        "Interrupts and context switches": {"interrupts": stat["intr"]["total"], "context switches": stat["ctxt"]},
        "Processes started": {"started": stat["processes"]},
    }
    for name, device in record.get("netdev", {}).items():
        tables[f"Network {name}"] = {"down": device["receive_bytes"] * 8, "up": device["transmit_bytes"] * 8}
    for name, disk in record.get("diskstats", {}).items():
        tables[f"Disk {name}"] = {"read": disk["sectors_read"] * 512, "written": disk["sectors_written"] * 512}
        tables.setdefault("Disks, busy", {})[name] = disk["ms_io"] / 10
    return tables


def gauges(record):
    """What is plotted as it is."""
    load, memory = record["loadavg"], {name: int(entry["value"]) * 1024 for name, entry in record["meminfo"].items()}
    cached = memory["Cached"] + memory["SReclaimable"]
    tables = {
        "Load": {"1 min": load["loadavg_1m"], "5 min": load["loadavg_5m"], "15 min": load["loadavg_15m"]},
        "Processes": {"all": int(load["total_procs"])},
        "Memory": {
            "used": memory["MemTotal"] - memory["MemFree"] - memory["Buffers"] - cached,
            "buffers": memory["Buffers"],
            "cached": cached,
            "available": memory["MemAvailable"],
        },
        "Tasks that run or wait": {"running": record["cpu_data"]["procs_running"], "blocked": record["cpu_data"]["procs_blocked"]},
        "Connections": {"open": record["conntrack"]["count"]},
        "Temperature": {f"{chip} temp1": sensors["temp1_input"] / 1000 for chip, sensors in record["hwmon"].items()},
        "Flash: most erasures of a block": {device: of["max_ec"] for device, of in record["flash"].items()},
        "File systems, used": {},
    }
    for point, of in record["filesystem"].items():
        used = of["size"] - of["free"]
        tables["File systems, used"][point] = 100 * used / (used + of["avail"])
    return tables


def shares(record, before):
    """CPU times in per cent of what all of them grew by."""
    tables = {"CPU": {}, "CPU by core": {}}
    now, then = record["cpu_data"], before["cpu_data"]

    def grown(names, cpu, old):
        return sum(cpu[name] - old[name] for name in names)

    every = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]
    parts = {"user": ["user", "nice"], "system": ["system"], "iowait": ["iowait"], "softirq": ["irq", "softirq"], "steal": ["steal"]}
    for name, columns in parts.items():
        tables["CPU"][name] = 100 * grown(columns, now["cpu_total"], then["cpu_total"]) / grown(every, now["cpu_total"], then["cpu_total"])
    for cpu, old in zip(now["cpus"], then["cpus"], strict=True):
        idle = grown(["idle", "iowait"], cpu, old)
        tables["CPU by core"][cpu["name"]] = 100 - 100 * idle / grown(every, cpu, old)
    return tables


def main():
    records = [json.loads(line.split(" - ", 1)[1]) for line in open(sys.argv[1], encoding="utf-8")]
    times = [record["timestamp"] for record in records]
    usual = sorted(now - then for then, now in zip(times, times[1:]))[len(times) // 2]
    tables = {}
    for at, record in enumerate(records):
        for table, columns in gauges(record).items():
            for column, value in columns.items():
                tables.setdefault(table, {}).setdefault(column, []).append(value)
        before = records[at - 1] if at else record
        uptime, elapsed = record["uptime"]["total"], record["uptime"]["total"] - before["uptime"]["total"]
        broken = at == 0 or uptime < before["uptime"]["total"] or record["timestamp"] - before["timestamp"] > GAP * usual
        old = counters(before)
        rates = {
            table: {column: None if broken or value < old[table][column] else (value - old[table][column]) / elapsed
                    for column, value in columns.items()}
            for table, columns in counters(record).items()
        }
        percents = shares(record, before) if not broken else {
            "CPU": dict.fromkeys(("user", "system", "iowait", "softirq", "steal")),
            "CPU by core": dict.fromkeys(cpu["name"] for cpu in record["cpu_data"]["cpus"]),
        }
        for table, columns in {**rates, **percents}.items():
            for column, value in columns.items():
                tables.setdefault(table, {}).setdefault(column, []).append(value)
    json.dump({"times": times, "tables": tables}, sys.stdout)


main()
