// The one script of the pages: htmx for smoothness, and a few islands. Everything works without it.

import "htmx.org/dist/htmx.min.js";
import { autosubmit } from "./autosubmit";
import { chart } from "./chart";
import { drop } from "./drop";
import { join } from "./join";
import { passkey } from "./passkey";
import { picker } from "./picker";
import { setup } from "./setup";
import { watch } from "./watch";

const islands: Record<string, (element: HTMLElement) => void> = { autosubmit, chart, drop, join, passkey, picker, setup, watch };

/** Wakes every island below `root` that is not awake yet. */
function wake(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]:not([data-awake])")) {
    element.dataset["awake"] = "";
    islands[element.dataset["island"] ?? ""]?.(element);
  }
}

// The server shows moments in the zone of the reader.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`phm_zone=${zone}`)) {
  document.cookie = `phm_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

document.documentElement.classList.add("scripted");
wake(document);
document.addEventListener("htmx:load", (event) => wake((event.target as HTMLElement).parentNode ?? document));
