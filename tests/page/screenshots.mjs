// Pictures of the page with the day of logs.py: light.png, dark.png and phone.png.
//
//     PAGE=index.html node tests/page/screenshots.mjs FOLDER

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, visit } from "./browser.mjs";
import { lighttpd, site } from "./servers.mjs";

const UNTIL = 1_795_733_940;
const PICTURES = {
    light: { viewport: { width: 1080, height: 625 } },
    dark: { viewport: { width: 1080, height: 625 }, colorScheme: "dark" },
    phone: { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 },
};

const [folder] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "procline-page-"));
const logs = site(join(work, "site"), process.env.PAGE);
execFileSync(new URL("logs.py", import.meta.url).pathname, ["days", logs, "--days", "2", "--until", UNTIL, "--events"]);
mkdirSync(folder, { recursive: true });
const server = await lighttpd(join(work, "site"), { isListed: true });
const browser = await launch();
for (const [name, options] of Object.entries(PICTURES)) {
    const { page, hasNoTrouble } = await visit(browser, server.url, options);
    await page.waitForSelector("#day option + option", { state: "attached" });
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    hasNoTrouble();
}
await browser.close();
await server.stop();
rmSync(work, { recursive: true });
