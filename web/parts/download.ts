/** Gives the browser a file to keep. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The click has begun the download by the next turn; the browser keeps its own copy.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
