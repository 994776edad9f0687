// Dropping a file, pasting a picture or taking a photo instead of browsing for it; sends at once.

export function drop(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  const field = form.querySelector<HTMLInputElement>("input[name=file]");
  const state = form.querySelector<HTMLElement>(".drop-state");
  if (!field) return;

  const send = (files: FileList | null | undefined): void => {
    if (!files?.length) return;
    field.files = files;
    if (state) state.textContent = files[0]?.name ?? "";
    form.requestSubmit();
  };
  const over = (event: DragEvent): void => {
    event.preventDefault();
    form.classList.toggle("over", event.type === "dragover");
  };
  form.addEventListener("dragover", over);
  form.addEventListener("dragleave", over);
  form.addEventListener("drop", (event) => {
    over(event);
    send(event.dataTransfer?.files);
  });
  document.addEventListener("paste", (event) => {
    if (!form.isConnected || (event.target as HTMLElement).closest("input, textarea")) return;
    send(event.clipboardData?.files);
  });
  const camera = form.querySelector<HTMLInputElement>("input[data-camera]");
  camera?.addEventListener("change", () => send(camera.files));
}
