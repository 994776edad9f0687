// A page about somebody who lets the reader see it for a while closes when that ends, without waiting for a press.

export function watch(element: HTMLElement): void {
  const stream = new EventSource(element.dataset["stream"] ?? "");
  stream.addEventListener("ended", () => {
    stream.close();
    // Nothing of what was shown stays, not even in the page the browser keeps for going back.
    const main = document.querySelector("main");
    const heading = document.createElement("h1");
    heading.textContent = element.dataset["title"] ?? "";
    const text = document.createElement("p");
    text.textContent = element.dataset["text"] ?? "";
    main?.replaceChildren(heading, text);
    main?.setAttribute("data-ended", "");
    for (const part of document.querySelectorAll(".nav, .tabs, .people")) part.remove();
    document.title = heading.textContent;
    main?.focus();
  });
  addEventListener("pagehide", () => stream.close());
}
