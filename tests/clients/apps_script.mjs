// Runs a script of Google Sheets under Node: what Google provides is stood in for, so that the
// requests go where GRADIENT_URL says.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const UrlFetchApp = {
  fetch(url, { method, contentType, payload, muteHttpExceptions }) {
    const asked = ["-sS", "-X", method.toUpperCase(), "-H", `Content-Type: ${contentType}`];
    const told = ["--data-binary", "@-", "-w", "\n%{http_code}", url];
    const { stdout, stderr, status } = spawnSync("curl", [...asked, ...told], { input: payload });
    if (status !== 0) throw new Error(stderr.toString());
    const [, text, code] = stdout.toString().match(/^(.*)\n(\d+)$/s);
    if (code >= 400 && !muteHttpExceptions) throw new Error(`${url} returned code ${code}`);
    return { getContentText: () => text, getResponseCode: () => Number(code) };
  },
};
const PropertiesService = {
  getScriptProperties: () => ({ getProperty: (name) => process.env[name] ?? null }),
};

const [path, call] = process.argv.slice(2);
const script = readFileSync(path, "utf8");
runInNewContext(`${script}\n${call}`, { UrlFetchApp, PropertiesService, console });
