// Passkeys: asks the browser for one and sends its answer with the form.
//
// WebAuthn speaks bytes and forms speak text, so both ways go through base64url. Without script, or in a browser
// without passkeys, the form stays hidden.

type Json = Record<string, unknown>;

const bytes = (text: string): ArrayBuffer => {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0)).buffer;
};

const text = (buffer: ArrayBuffer | null): string | null => {
  if (!buffer) return null;
  const raw = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const known = (list: unknown): PublicKeyCredentialDescriptor[] =>
  ((list ?? []) as Json[]).map((one) => ({ ...one, id: bytes(one["id"] as string) }) as unknown as PublicKeyCredentialDescriptor);

async function show(options: Json): Promise<Json> {
  const asked = options["publicKey"] as Json;
  const publicKey = {
    ...asked,
    challenge: bytes(asked["challenge"] as string),
    allowCredentials: known(asked["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
  const got = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = got.response as AuthenticatorAssertionResponse;
  const response = {
    authenticatorData: text(answer.authenticatorData),
    clientDataJSON: text(answer.clientDataJSON),
    signature: text(answer.signature),
    userHandle: text(answer.userHandle),
  };
  return { id: got.id, rawId: text(got.rawId), type: got.type, response, extensions: {} };
}

async function make(options: Json): Promise<Json> {
  const asked = options["publicKey"] as Json;
  const user = asked["user"] as Json;
  const publicKey = {
    ...asked,
    challenge: bytes(asked["challenge"] as string),
    user: { ...user, id: bytes(user["id"] as string) },
    excludeCredentials: known(asked["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  const response = { attestationObject: text(answer.attestationObject), clientDataJSON: text(answer.clientDataJSON) };
  return { id: made.id, rawId: text(made.rawId), type: made.type, response, extensions: {} };
}

/** Asks our interface for a ceremony; the password, where the form has one, goes along. */
async function begin(form: HTMLFormElement, address: string): Promise<{ ticket: string; options: Json }> {
  const value = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "";
  const proof = form.dataset["make"] === undefined ? undefined : JSON.stringify({ password: value("password") });
  const headers = { "content-type": "application/json", "x-csrf-token": value("csrf") };
  const answer = await fetch(address, { method: "POST", headers, ...(proof ? { body: proof } : {}) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error.code);
  return said.data;
}

export function passkey(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  if (!("PublicKeyCredential" in window)) return;
  form.hidden = false;
  const field = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`);
  form.addEventListener("submit", async (event) => {
    if (field("assertion")?.value) return;
    event.preventDefault();
    const said = form.querySelector<HTMLElement>("[data-said]");
    if (said) said.textContent = "";
    try {
      let options: Json;
      if (form.dataset["options"]) options = JSON.parse(form.dataset["options"]);
      else {
        const begun = await begin(form, form.dataset["begin"] ?? "");
        const ticket = field("ticket");
        if (ticket) ticket.value = begun.ticket;
        options = begun.options;
      }
      const answer = form.dataset["make"] === undefined ? await show(options) : await make(options);
      const sent = field("assertion");
      if (sent) sent.value = JSON.stringify(answer);
      const password = field("password");
      if (password) password.disabled = true;
      form.submit();
    } catch (error) {
      const needed = (error as Error).message === "password-needed" ? said?.dataset["needed"] : undefined;
      if (said) said.textContent = needed ?? said.dataset["said"] ?? "";
    }
  });
}
