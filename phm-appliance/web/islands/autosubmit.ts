// A filter that applies as soon as it is changed.

export function autosubmit(element: HTMLElement): void {
  element.addEventListener("change", () => (element as HTMLFormElement).requestSubmit());
}
