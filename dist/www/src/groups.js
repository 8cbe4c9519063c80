// The plots there are, in their order. What a record does not have is not on the page.

/**
 * @typedef {object} Group
 * @property {string} id the first part of its series' keys
 * @property {string} title
 * @property {string} unit
 * @property {boolean} [isRate] of counts: a record behind a break has no value
 * @property {string[]} [stacked] these series stand on each other
 * @property {string} [mirrored] this series is drawn below 0
 * @property {boolean} [each] a plot for each name, those without any traffic left out
 * @property {boolean} [quiet] no plot while all is 0
 * @property {string[]} [off] series that are not drawn until asked for
 * @property {number} [most] where the axis ends
 * @property {boolean} [fromZero] false: the axis begins where the values do
 */

/** @type {Group[]} */
export const GROUPS = [
    { id: "cpu", title: "CPU", unit: "%", isRate: true, stacked: ["user", "system", "iowait", "softirq", "steal"] },
    { id: "load", title: "Load", unit: "" },
    { id: "memory", title: "Memory", unit: "B", stacked: ["used", "buffers", "cached"] },
    { id: "swap", title: "Swap", unit: "B" },
    { id: "network", title: "Network", unit: "bit/s", isRate: true, mirrored: "up", each: true },
    { id: "connections", title: "Connections", unit: "", off: ["at most"] },
    { id: "temperature", title: "Temperature", unit: "°C", fromZero: false },
    { id: "filesystem", title: "File systems, used", unit: "%", most: 100 },
    { id: "disk", title: "Disk", unit: "B/s", isRate: true, mirrored: "written", each: true },
    { id: "busy", title: "Disks, busy", unit: "%", isRate: true, quiet: true },
    { id: "cpus", title: "CPU by core", unit: "%", isRate: true },
    { id: "pressure", title: "Pressure: waiting", unit: "%", isRate: true },
    { id: "processes", title: "Processes", unit: "", fromZero: false },
    { id: "tasks", title: "Tasks that run or wait", unit: "" },
    { id: "started", title: "Processes started", unit: "/s", isRate: true },
    { id: "switches", title: "Interrupts and context switches", unit: "/s", isRate: true },
    { id: "sockets", title: "Sockets", unit: "" },
    { id: "drops", title: "Network errors and drops", unit: "/s", isRate: true, quiet: true },
    { id: "softnet", title: "Packets dropped or delayed by CPUs", unit: "/s", isRate: true, quiet: true },
    { id: "paging", title: "Paging", unit: "B/s", isRate: true, quiet: true },
    { id: "faults", title: "Major faults", unit: "/s", isRate: true, quiet: true },
    { id: "files", title: "Open files", unit: "", fromZero: false },
    { id: "flash", title: "Flash: most erasures of a block", unit: "", fromZero: false },
    { id: "fan", title: "Fans", unit: "rpm" },
];
