// What the page's address says (`?prefix=router_&logs=logs/`), and where it says nothing, the attributes of <html>, which a
// package can set. The defaults of procline stand there.

const given = new URLSearchParams(location.search);
const setting = (name) => given.get(name) ?? document.documentElement.dataset[name] ?? "";

/** The logs' folder, as seen from the page; "" is the page's own. */
export const logs = setting("logs").replace(/(?<!\/)$/, (end) => (setting("logs") ? "/" : end));
export const prefix = setting("prefix");
export const suffix = setting("suffix");
/** The script lines.cgi, where it is there. It knows one prefix and one folder: not those that the address tells. */
export const cgi = given.has("cgi") || !(given.has("logs") || given.has("prefix")) ? setting("cgi") : "";
/** The day to begin with, instead of the newest, or `week`. */
export const day = given.get("day");

/** Whether logs can be asked for at all: a page from the disk may not. */
export const hasServer = location.protocol.startsWith("http");
