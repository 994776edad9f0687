// The link of an invitation carries its secret after `#`, so that it never reaches a log; the form takes it from there.

export function join(element: HTMLElement): void {
  const secret = location.hash.slice(1);
  const field = element.querySelector<HTMLInputElement>("[name=invitation]");
  if (!secret || !field) return;
  field.value = secret;
  history.replaceState(null, "", location.pathname + location.search);
  (element as HTMLFormElement).requestSubmit();
}
