// Opens reports in a real browser and looks at what a reader would see.
// Usage: node report.mjs BROWSER FOLDER PAGE...   (PAGE is a file; pictures are left in FOLDER)
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [browser, folder, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const failures = [];
const started = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });

const looks = [
  { name: "light", width: 1400, colorScheme: "light" },
  { name: "dark", width: 800, colorScheme: "dark" },
  { name: "narrow", width: 360, colorScheme: "light" },
];

for (const file of pages) {
  const url = pathToFileURL(file).href;
  const check = (what, ok) => { if (!ok) failures.push(`${basename(file)}: ${what}`); };
  for (const look of looks) {
    const page = await started.newPage({ viewport: { width: look.width, height: 900 }, colorScheme: look.colorScheme });
    const requests = [];
    const said = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("dialog", (dialog) => { said.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
    await page.goto(url);
    check(`${look.name}: one request, and there were ${requests.length}`, requests.length === 1);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const one of violations) {
      check(`${look.name}: ${one.id}: ${one.help} (${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")})`, false);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(`${look.name}: ${wide} pixels wide in ${look.width}`, wide <= look.width);
    check(`${look.name}: two scripts, the data and the walk`, (await page.locator("script").count()) <= 2);
    check(`${look.name}: silence on the console, not ${said.join("; ")}`, said.length === 0);
    await page.screenshot({ path: join(folder, `${basename(file, ".html")}-${look.name}.png`) });
    const picture = page.locator(".race").first();
    if (await picture.count()) {
      await picture.scrollIntoViewIfNeeded();
      await picture.screenshot({ path: join(folder, `${basename(file, ".html")}-${look.name}-race.png`) });
    }
    await page.close();
  }
  await walk(url, check);
  await withoutScript(url, check);
}

/** Arrow keys move through events, and a deep link opens its event. */
async function walk(url, check) {
  const page = await started.newPage({ viewport: { width: 1200, height: 900 } });
  await page.goto(url);
  const pictures = await page.locator(".race").count();
  if (pictures > 0) {
    await page.locator(".race .scroll").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const on = await page.evaluate(() => {
      const row = document.querySelector("tr.on");
      return { e: row?.dataset.e, seen: row?.checkVisibility(), hash: location.hash, id: row?.id };
    });
    check(`two steps lead to event 2, not ${JSON.stringify(on)}`, on.e === "2" && on.seen && on.hash === `#${on.id}`);
    await page.keyboard.press("ArrowLeft");
    check("a step back leads to event 1", (await page.locator("tr.on").getAttribute("data-e")) === "1");
    const last = await page.locator(".race").last().locator("tr[data-e]").last().getAttribute("id");
    const linked = await started.newPage();
    await linked.goto(`${url}#${last}`);
    const seen = await linked.evaluate((id) => {
      const row = document.getElementById(id);
      const box = row.getBoundingClientRect();
      return row.classList.contains("on") && row.checkVisibility() && box.bottom > 0 && box.top < innerHeight;
    }, last);
    check(`a link to ${last} opens it`, seen);
    await linked.close();
  }
  await page.emulateMedia({ media: "print" });
  const printed = await page.evaluate(() => ({
    nav: document.querySelector("nav")?.checkVisibility() ?? false,
    dark: getComputedStyle(document.body).backgroundColor,
  }));
  check("nothing to click on paper", !printed.nav);
  check(`paper is white, not ${printed.dark}`, printed.dark === "rgb(255, 255, 255)");
  const pdf = await page.pdf({ format: "A4" });
  check("it can be printed", pdf.length > 1000);
  await page.close();
}

/** Everything is there without JavaScript. */
async function withoutScript(url, check) {
  const context = await started.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  check("a verdict without JavaScript", await page.locator(".verdict").isVisible());
  if (await page.locator(".race").count()) {
    check("a picture without JavaScript", await page.locator(".race svg.plot").first().isVisible());
    await page.locator(".race summary").first().click();
    check("events without JavaScript", await page.locator(".race tr[data-e]").first().isVisible());
  }
  await context.close();
}

await started.close();
if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}
console.log(`${pages.length} reports, ${looks.length} looks each: as they should be`);
