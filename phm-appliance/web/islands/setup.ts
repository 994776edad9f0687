// The printed set-up link carries the token after `#`, so that it never reaches a log; the form takes it from there.

export function setup(element: HTMLElement): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  const field = element.querySelector<HTMLInputElement>("[name=token]");
  if (!token || !field) return;
  field.value = token;
  // The other way to begin is one link away, and needs the same token.
  for (const link of element.querySelectorAll<HTMLAnchorElement>("a[href^='/setup']")) link.hash = `token=${token}`;
  history.replaceState(null, "", location.pathname + location.search);
  element.querySelector<HTMLInputElement>("[name=passphrase], [name=name]")?.focus();
}
