// The value under the finger or pointer. The points are links with names already; this only shows them sooner.

export function chart(element: HTMLElement): void {
  const tip = document.createElement("span");
  tip.className = "chart-tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  element.append(tip);

  const show = (event: Event): void => {
    const point = (event.target as Element).closest?.(".point");
    if (!point) {
      tip.hidden = true;
      return;
    }
    const box = element.getBoundingClientRect();
    const dot = point.querySelector(".dot")!.getBoundingClientRect();
    tip.textContent = point.getAttribute("aria-label");
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    const middle = dot.x - box.x + dot.width / 2;
    tip.style.left = `${Math.max(0, Math.min(middle - half, box.width - half * 2))}px`;
    tip.style.top = `${dot.y - box.y - tip.offsetHeight - 10}px`;
  };
  element.addEventListener("pointerover", show);
  element.addEventListener("focusin", show);
  element.addEventListener("pointerleave", () => (tip.hidden = true));
  element.addEventListener("focusout", () => (tip.hidden = true));
  // The drawn names would show a second time.
  for (const title of element.querySelectorAll("title")) title.remove();
}
