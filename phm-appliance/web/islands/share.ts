// Opens what a link carries: asks the server for the ciphertext, decrypts it with the key in the address, shows it.
//
// The key stands after `#` and is never sent. What is shown is text only: nothing of it is ever taken for markup.

type Json = { [name: string]: unknown };

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** The text in a compact JWE (`dir`, `A256GCM`). */
async function decrypted(token: string, secret: string): Promise<string> {
  const [header = "", , nonce = "", text = "", tag = ""] = token.split(".");
  const key = await crypto.subtle.importKey("raw", bytes(secret), "AES-GCM", false, ["decrypt"]);
  const sealed = new Uint8Array([...bytes(text), ...bytes(tag)]);
  const how = { name: "AES-GCM", iv: bytes(nonce), additionalData: new TextEncoder().encode(header) };
  return new TextDecoder().decode(await crypto.subtle.decrypt(how, key, sealed));
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** A concept, a name, a reference or a text as one line. */
function words(value: unknown): string {
  const one = first(value);
  if (typeof one === "string") return one;
  if (!isObject(one)) return "";
  if (typeof one["text"] === "string") return one["text"];
  const coding = first(one["coding"]);
  if (isObject(coding)) return String(coding["display"] ?? coding["code"] ?? "");
  const names = [...(Array.isArray(one["given"]) ? one["given"] : []), one["family"]];
  return names.filter((part) => typeof part === "string").join(" ") || String(one["display"] ?? "");
}

function quantity(value: unknown): string {
  return isObject(value) ? [value["comparator"], value["value"], value["unit"]].filter((part) => part != null).join(" ") : "";
}

/** What a resource is about, its value, and when. */
function told(resource: Json): [string, string, string] {
  const names = ["code", "medicationCodeableConcept", "vaccineCode", "name", "type", "title", "relationship", "description"];
  const title = names.map((name) => words(resource[name])).find((text) => text) ?? String(resource["resourceType"] ?? "");
  const parts = Array.isArray(resource["component"]) ? (resource["component"] as Json[]) : [];
  const values = [
    quantity(resource["valueQuantity"]),
    typeof resource["valueString"] === "string" ? resource["valueString"] : "",
    words(resource["valueCodeableConcept"]),
    ...parts.map((part) => `${words(part["code"])} ${quantity(part["valueQuantity"])}`),
    words((first(resource["dosageInstruction"] ?? resource["dosage"]) as Json | undefined)?.["text"]),
    words((first(resource["reaction"]) as Json | undefined)?.["manifestation"]),
  ];
  const dates = ["effectiveDateTime", "occurrenceDateTime", "authoredOn", "onsetDateTime", "recordedDate", "issued", "birthDate"];
  const when = dates.map((name) => resource[name]).find((date) => typeof date === "string");
  return [title, values.filter((text) => text).join(", "), String(when ?? "").slice(0, 10)];
}

function element(name: string, text = "", of: Node[] = []): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...of);
  return made;
}

/** The bundle as headings and tables, resources of a type together. */
function shown(bundle: Json, names: Map<string, string>): Node[] {
  const entries = Array.isArray(bundle["entry"]) ? (bundle["entry"] as Json[]) : [];
  const groups = new Map<string, Json[]>();
  for (const entry of entries) {
    const resource = entry["resource"];
    if (!isObject(resource)) continue;
    const type = String(resource["resourceType"]);
    groups.set(type, [...(groups.get(type) ?? []), resource]);
  }
  return [...groups].map(([type, resources]) => {
    const rows = resources.map((resource) => {
      const [title, value, when] = told(resource);
      const name = element("th", title);
      name.setAttribute("scope", "row");
      return element("tr", "", [name, element("td", value), element("td", when)]);
    });
    const table = element("table", "", [element("tbody", "", rows)]);
    table.className = "plain";
    return element("section", "", [element("h2", names.get(type) ?? type), table]);
  });
}

function share(form: HTMLFormElement): void {
  const said = form.querySelector<HTMLElement>("[role=alert]");
  const secret = location.hash.slice(1);
  const say = (text: string | undefined) => {
    if (!said) return;
    said.textContent = text ?? "";
    said.hidden = !text;
  };
  const { wrong, gone, broken, insecure, print: label, names = "" } = form.dataset;
  if (!globalThis.crypto?.subtle) say(insecure);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say("");
    const passcode = form.querySelector<HTMLInputElement>("[name=passcode]")?.value;
    const ask = async () => {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(passcode === undefined ? {} : { passcode }),
      });
      if (answer.status === 401) return say(wrong);
      if (answer.status === 404) return say(gone);
      if (!answer.ok) return say(broken);
      const { jwe } = (await answer.json()) as { jwe: string };
      const bundle = JSON.parse(await decrypted(jwe, secret)) as Json;
      const known = new Map(names.split(";").map((pair) => pair.split("=") as [string, string]));
      const button = element("button", label) as HTMLButtonElement;
      button.type = "button";
      button.className = "button no-print";
      button.addEventListener("click", () => print());
      form.replaceWith(...shown(bundle, known), button);
      document.querySelector(".lead")?.remove();
      document.body.dataset["opened"] = "";
    };
    ask().catch(() => say(broken));
  });
}

const form = document.querySelector<HTMLFormElement>("[data-opens]");
if (form) share(form);
