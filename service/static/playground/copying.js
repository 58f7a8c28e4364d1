/** The request behind the picture, to be copied into a program. */

import { byId, element, set, write } from "./dom.js";

const LANGUAGES = {
  curl: (url, json) => `curl ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d '${json.replaceAll("'", "'\\''")}'`,
  Python: (url, json) => `import json, urllib.request

message = json.loads(r"""${json.replaceAll('"""', '""\\u0022')}""")
request = urllib.request.Request(
    "${url}", json.dumps(message).encode(), {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(request))["gradients"])`,
  JavaScript: (url, json) => `const answer = await fetch("${url}", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(${json}),
});
console.log((await answer.json()).gradients);`,
};

export class Copying {
  constructor() {
    this.language = "curl";
    this.code = byId("request-code");
    this.said = byId("request-said");
    this.buttons = Object.keys(LANGUAGES).map((name) => element("button", {
      type: "button", onclick: () => { this.language = name; this.write(); },
    }, name));
    byId("request-languages").replaceChildren(...this.buttons);
    byId("request-copy").addEventListener("click", () => this.copy());
  }

  show(message) {
    this.message = message;
    this.write();
  }

  write() {
    const json = JSON.stringify(this.message ?? {}, null, 1).replace(/\n\s*/g, " ");
    for (const button of this.buttons) set(button, { "aria-pressed": button.textContent === this.language });
    write(this.code, LANGUAGES[this.language](`${location.origin}/gradient`, json));
    write(this.said, "");
  }

  async copy() {
    const text = this.code.textContent;
    const copied = await toClipboard(text);
    if (!copied) getSelection().selectAllChildren(this.code);
    write(this.said, copied ? "Copied." : "Selected: press Ctrl+C.");
  }
}

/** Browsers give the clipboard to secure pages only; others can still select. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
