// A calendar beside a typed date. Typing stays the main way: a year or a month alone cannot be picked.

export function picker(element: HTMLElement): void {
  const field = element.querySelector("input");
  if (!field || !("showPicker" in HTMLInputElement.prototype)) return;
  const native = document.createElement("input");
  native.type = "date";
  native.tabIndex = -1;
  native.className = "picker-native";
  native.setAttribute("aria-hidden", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "picker-button";
  button.setAttribute("aria-label", element.dataset["pick"] ?? "");
  const sprite = document.querySelector("use")?.getAttribute("href")?.split("#")[0];
  button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#calendar"></use></svg>`;
  button.addEventListener("click", () => {
    if (/^\d{4}-\d{2}-\d{2}/.test(field.value)) native.value = field.value.slice(0, 10);
    native.showPicker();
  });
  native.addEventListener("change", () => {
    field.value = native.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  element.append(native, button);
}
